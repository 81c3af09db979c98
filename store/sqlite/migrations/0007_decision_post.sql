-- What was decided on one post is found without reading all that was decided on its account.
CREATE INDEX decision_post ON decision (body ->> 'post') WHERE body ->> 'post' IS NOT NULL;

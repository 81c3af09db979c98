package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"skyarchive/store/search"
)

// stemmed is by how much less a word counts that only its stem finds.
const stemmed = 0.5

// A spelling is a word of the index that a term of a query finds, in some texts.
type spelling struct {
	word string
	in   search.Langs
}

// family is the words of the index that a term finds.
func (e *evaluator) family(ctx context.Context, t search.Term) ([]spelling, error) {
	list := []spelling{{t.Word, search.AnyLang}}
	add := func(word string) {
		if in := t.In(word); in != 0 && !slices.ContainsFunc(list, func(s spelling) bool { return s.word == word }) {
			list = append(list, spelling{word, in})
		}
	}
	stems := slices.Compact([]string{t.French, t.English})
	for _, stem := range stems {
		add(stem)
		list = append(list, spelling{asides + stem, search.AnyLang})
		err := e.r.c.each(ctx, `SELECT word FROM family WHERE stem = ?`, []any{stem}, func(rows *sql.Rows) error {
			var word string
			err := rows.Scan(&word)
			add(word)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// word is the posts with a word in any of its inflections; or with several that are typed as
// one, close together.
func (e *evaluator) word(ctx context.Context, w search.Word) (cursor, error) {
	terms := w.Terms()
	families := make([]wordCursor, 0, len(terms))
	rarity := new(float32(1))
	for _, alternatives := range terms {
		var list []wordCursor
		for _, t := range alternatives {
			spellings, err := e.family(ctx, t)
			if err != nil {
				return nil, err
			}
			for _, s := range spellings {
				factor := float32(1)
				if s.word != t.Word {
					factor = stemmed
				}
				list = append(list, &termCursor{r: e.r, term: s.word, weights: weigh(s.in, factor), rarity: rarity, placed: len(terms) > 1, cur: newest})
			}
		}
		families = append(families, newFamily(list))
	}
	if len(families) == 0 {
		return new(idList), nil
	}
	return e.together(ctx, families, rarity, func(places [][]int32) bool { return near(places, int32(2*len(terms)+2)) })
}

// phrase is the posts with words in this order, as they stand; of the last only the
// beginning, if it is a prefix.
func (e *evaluator) phrase(ctx context.Context, terms [][]string, prefix bool) (cursor, error) {
	families := make([]wordCursor, 0, len(terms))
	exact, rarity := weigh(search.AnyLang, 1), new(float32(1))
	known := map[string]wordCursor{} // phrases say some words several times
	for i, alternatives := range terms {
		var list []wordCursor
		if i == len(terms)-1 && prefix {
			var err error
			if list, err = e.beginning(ctx, alternatives[0], rarity, len(terms) > 1); err != nil {
				return nil, err
			}
		} else {
			for _, word := range alternatives {
				if known[word] == nil {
					known[word] = &termCursor{r: e.r, term: word, weights: exact, rarity: rarity, placed: len(terms) > 1, cur: newest}
				}
				list = append(list, known[word])
			}
		}
		families = append(families, newFamily(list))
	}
	if len(families) == 0 {
		return new(idList), nil
	}
	return e.together(ctx, families, rarity, inOrder)
}

package export

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// The types of schema.org that a feed of reviews is made of,
// https://schema.org/ClaimReview and the feed format of fact-check readers.
type (
	dataFeed struct {
		Context  string     `json:"@context"`
		Type     string     `json:"@type"`
		Modified string     `json:"dateModified"`
		Elements []feedItem `json:"dataFeedElement"`
	}
	feedItem struct {
		Type    string        `json:"@type"`
		Created string        `json:"dateCreated"`
		URL     string        `json:"url"`
		Item    []claimReview `json:"item"`
	}
	claimReview struct {
		Context   string       `json:"@context"`
		Type      string       `json:"@type"`
		Published string       `json:"datePublished"`
		URL       string       `json:"url"`
		Language  string       `json:"inLanguage"`
		Claim     string       `json:"claimReviewed"`
		Body      string       `json:"reviewBody,omitempty"`
		Author    organization `json:"author"`
		Rating    rating       `json:"reviewRating"`
		Item      claimItem    `json:"itemReviewed"`
		Citations []webPage    `json:"citation,omitempty"`
	}
	organization struct {
		Type string `json:"@type"`
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	rating struct {
		Type  string `json:"@type"`
		Name  string `json:"alternateName"`
		Value *int   `json:"ratingValue,omitempty"`
		Best  *int   `json:"bestRating,omitempty"`
		Worst *int   `json:"worstRating,omitempty"`
	}
	claimItem struct {
		Type       string      `json:"@type"`
		Name       string      `json:"name,omitempty"`
		Author     *author     `json:"author,omitempty"`
		Published  string      `json:"datePublished,omitempty"`
		Appearance []socialURL `json:"appearance"`
	}
	author struct {
		Type   string `json:"@type"`
		Name   string `json:"name"`
		SameAs string `json:"sameAs,omitempty"`
	}
	socialURL struct {
		Type string `json:"@type"`
		URL  string `json:"url"`
	}
	webPage struct {
		Type string `json:"@type"`
		Name string `json:"name,omitempty"`
		URL  string `json:"url"`
	}
)

const schemaOrg = "https://schema.org"

// ratings place the verdicts that can be ordered between 1, false, and 5, true. The others
// have a name only.
var ratings = map[analysis.Verdict]int{analysis.Supported: 5, analysis.Mixed: 3, analysis.Misleading: 2, analysis.Refuted: 1}

// An unpublished is a claim that fits and is not in the feed: why, and what can be done.
type unpublished string

const (
	notReviewed    unpublished = "not reviewed"
	wasDismissed   unpublished = "dismissed"
	withoutAddress unpublished = "reviewed, without the address of what was published (skyarchive claims review ID --published URL)"
	ofDeleted      unpublished = "reviewed and published, of deleted posts (--include deleted)"
	ofGone         unpublished = "reviewed and published, of accounts that are gone (--include gone)"
	ofHidden       unpublished = "reviewed and published, of authors who ask not to be shown without login, or of whom that is not known (--include hidden)"
)

// withheld is why what was published is not in the feed, by why the public is not shown the post.
var withheld = map[reason]unpublished{wasDeleted: ofDeleted, accountGone: ofGone, asksLogin: ofHidden, wishUnknown: ofHidden}

// publishable says why a claim is not in the feed, "" if it is.
func publishable(c store.Claim) (r analysis.Review, why unpublished) {
	r, ok := lastReview(c)
	switch {
	case ok && r.Status == analysis.Dismissed:
		return r, wasDismissed
	case !ok || r.Verdict == "":
		return r, notReviewed
	case !isWebURL(r.PublishedURL):
		return r, withoutAddress
	}
	return r, ""
}

// skipped tells how many claims are not in the feed and why; of those that lack only an
// address, which they are.
func skipped(left map[unpublished][]string) (list []string) {
	for _, why := range []unpublished{notReviewed, wasDismissed, withoutAddress, ofDeleted, ofGone, ofHidden} {
		ids := left[why]
		if len(ids) == 0 {
			continue
		}
		s := english.count(len(ids), english.claims) + " " + string(why)
		if why == withoutAddress {
			s += ": " + strings.Join(ids, ", ")
		}
		list = append(list, s)
	}
	return list
}

// writeClaimReview writes the reviews that are published, as a feed. The other claims are
// counted as skipped.
func writeClaimReview(ctx context.Context, x *export) error {
	if oneLine(x.Publisher.Name) == "" || !isWebURL(x.Publisher.URL) {
		return ErrNobody
	}
	if err := x.source.loadAccounts(ctx); err != nil {
		return err
	}
	feed := dataFeed{Context: schemaOrg, Type: "DataFeed", Elements: []feedItem{}}
	var newest time.Time
	left := map[unpublished][]string{}
	for c, err := range x.source.allClaims(ctx) {
		if err != nil {
			return err
		}
		review, why := publishable(c)
		if out := x.source.withholdsClaim(c); out != "" {
			x.source.leaveOut(c.Post, out)
			if why != "" {
				continue
			}
			why = withheld[out]
		}
		if why != "" {
			left[why] = append(left[why], c.Passage.Claim.ID)
			continue
		}
		if c.Review.At.After(newest) {
			newest = c.Review.At
		}
		x.summary.Claims++
		feed.Elements = append(feed.Elements, feedItem{
			Type: "DataFeedItem", Created: utc(c.Review.At), URL: review.PublishedURL, Item: []claimReview{x.claimReview(c, review)},
		})
	}
	x.summary.Skipped = append(x.summary.Skipped, skipped(left)...)
	if newest.IsZero() {
		newest = x.Now()
	}
	feed.Modified = utc(newest)
	// Feeds stand inside pages, so that < and its like are escaped.
	text, err := json.MarshalIndent(feed, "", "  ")
	if err != nil {
		return err
	}
	if err := x.write("claimreview.json", append(text, '\n')); err != nil || !x.inFolder() {
		return err
	}
	return x.writeAbout(ctx)
}

func (x *export) claimReview(c store.Claim, r analysis.Review) claimReview {
	words := r.Text
	if words == "" {
		words = c.Text
	}
	one := claimReview{
		Context: schemaOrg, Type: "ClaimReview", Published: c.Review.At.In(x.Zone).Format("2006-01-02"), URL: r.PublishedURL, Language: x.words.lang,
		Claim: r.Restated, Body: r.Summary, Author: organization{"Organization", oneLine(x.Publisher.Name), x.Publisher.URL},
		Rating: rating{Type: "Rating", Name: x.words.verdictLabel(r.Verdict)},
		Item:   claimItem{Type: "Claim", Author: x.claimant(c), Appearance: []socialURL{{"SocialMediaPosting", atproto.WebURL(c.Post)}}},
	}
	if one.Claim == "" {
		one.Claim = oneLine(words)
	} else {
		one.Item.Name = oneLine(words)
	}
	if value, ok := ratings[r.Verdict]; ok {
		best, worst := 5, 1
		one.Rating.Value, one.Rating.Best, one.Rating.Worst = &value, &best, &worst
	}
	one.Item.Published = in(c.Dates.Shown(), x.Zone, "2006-01-02")
	for _, s := range r.Sources {
		if isWebURL(s.URL) {
			one.Citations = append(one.Citations, webPage{"WebPage", s.Title, s.URL})
		}
	}
	return one
}

// claimant is who makes a claim: the author of the post, unless the post gives or contests
// what somebody else says. Nobody is named who is not named there.
func (x *export) claimant(c store.Claim) *author {
	claim := c.Passage.Claim
	if claim.Stance != analysis.Reports && claim.Stance != analysis.Denies {
		return &author{"Person", x.source.accounts[c.Author.DID].Author(), "https://bsky.app/profile/" + string(c.Author.DID)}
	}
	if claim.Attribution == nil || oneLine(claim.Attribution.Text) == "" {
		return nil
	}
	who := &author{"Thing", oneLine(claim.Attribution.Text), ""}
	if did := claim.Attribution.DID; did != nil {
		who.SameAs = "https://bsky.app/profile/" + *did
	}
	return who
}

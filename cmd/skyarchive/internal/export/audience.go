package export

import (
	"cmp"
	"slices"
	"strings"

	"skyarchive/atproto"
	"skyarchive/store"
)

// A reason is why the public is not shown a post.
type reason string

const (
	wasDeleted  reason = "deleted"
	accountGone reason = "gone"
	asksLogin   reason = "hidden"
	wishUnknown reason = "unknown" // nobody could say whether it is for everybody
)

// hideGuest is the label by which an author asks not to be shown without login.
const hideGuest = "!no-unauthenticated"

func (l *LeftOut) add(why reason) {
	switch why {
	case wasDeleted:
		l.Deleted++
	case accountGone:
		l.Gone++
	case asksLogin, wishUnknown:
		l.Hidden++
	}
}

func (x *export) withholdsAccount(a *Account) reason {
	switch {
	case !x.Public:
	case a.Status != "" && a.Status != atproto.Active && !x.Include.Gone:
		return accountGone
	case a.HideGuest && !x.Include.Hidden:
		if a.wishUnknown {
			return wishUnknown
		}
		return asksLogin
	}
	return ""
}

func (x *export) withholdsPost(p store.Post) reason {
	switch {
	case !x.Public:
	case p.Status == store.Gone && !x.Include.Deleted:
		return wasDeleted
	case slices.Contains(p.Labels, hideGuest) && !x.Include.Hidden:
		return asksLogin
	}
	return ""
}

// withholdsOther is withholdsPost for a post by anybody. What an author that the archive
// does not know asks for cannot be told, so the public is given the link only; that the post
// is gone can.
func (x *export) withholdsOther(p store.Post, a *Account) reason {
	if a == nil {
		if x.Public && !x.Include.Hidden {
			return cmp.Or(x.withholdsPost(p), wishUnknown)
		}
	} else if why := x.withholdsAccount(a); why == wishUnknown {
		return cmp.Or(x.withholdsPost(p), why)
	} else if why != "" {
		return why
	}
	return x.withholdsPost(p)
}

// audienceText says what an export is: a private copy, or a public form, with what was asked
// to be in it all the same.
func (x *export) audienceText() string {
	w := x.words
	switch {
	case !x.Public:
		return w.privateCopy
	case x.Include == (Include{}):
		return w.publicForm
	}
	var list []string
	for _, what := range x.includes() {
		list = append(list, w.included[what])
	}
	return w.publicWith + w.colon + " " + strings.Join(list, ", ") + "."
}

// includes names what is in a public form on request, as --include does.
func (x *export) includes() []string {
	var list []string
	for _, in := range []struct {
		on   bool
		what reason
	}{{x.Include.Deleted, wasDeleted}, {x.Include.Gone, accountGone}, {x.Include.Hidden, asksLogin}} {
		if x.Public && in.on {
			list = append(list, string(in.what))
		}
	}
	return list
}

package export

import (
	"slices"

	"skyarchive/atproto"
	"skyarchive/store"
)

// A reason is why the public is not shown a post.
type reason string

const (
	wasDeleted  reason = "deleted"
	accountGone reason = "gone"
	asksLogin   reason = "hidden"
)

// hideGuest is the label by which an author asks not to be shown without login.
const hideGuest = "!no-unauthenticated"

func (l *LeftOut) add(why reason) {
	switch why {
	case wasDeleted:
		l.Deleted++
	case accountGone:
		l.Gone++
	case asksLogin:
		l.Hidden++
	}
}

func (x *export) withholdsAccount(a *Account) reason {
	switch {
	case !x.Public:
	case a.Status != "" && a.Status != atproto.Active && !x.Include.Gone:
		return accountGone
	case a.HideGuest && !x.Include.Hidden:
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
// does not know asks for cannot be told, so the public is given the link only.
func (x *export) withholdsOther(p store.Post, a *Account) reason {
	if a == nil {
		if x.Public && !x.Include.Hidden {
			return asksLogin
		}
	} else if why := x.withholdsAccount(a); why != "" {
		return why
	}
	return x.withholdsPost(p)
}

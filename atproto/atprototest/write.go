package atprototest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"skyarchive/atproto"
)

func (n *Network) doAccount(handle string, words []string) error {
	var options []AccountOption
	var profile []string
	for _, word := range words {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "curve":
			options = append(options, Curve(value))
		case "web":
			options = append(options, Web())
		default:
			profile = append(profile, word)
		}
	}
	a := n.Account(handle, options...)
	if len(profile) == 0 {
		return nil
	}
	return a.doProfile(profile)
}

func (a *Account) doProfile(words []string) error {
	var name, bio string
	var labels []string
	for _, word := range words {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "name":
			name = value
		case "bio":
			bio = value
		case "labels":
			labels = strings.Split(value, ",")
		default:
			return fmt.Errorf("unknown option %q", word)
		}
	}
	a.Profile(name, bio, labels...)
	return nil
}

func (a *Account) doPost(text string, words []string) error {
	var (
		options        []PostOption
		likes, reposts int
		card           [4]string
	)
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		var ref atproto.Ref
		var err error
		switch key {
		case "reply", "root", "quote":
			ref, err = a.network.ref(value)
		case "likes":
			likes, err = strconv.Atoi(value)
		case "reposts":
			reposts, err = strconv.Atoi(value)
		}
		if err != nil {
			return err
		}
		switch key {
		case "as":
			options = append(options, Alias(value))
		case "reply":
			options = append(options, ReplyTo(ref))
		case "root":
			options = append(options, Root(ref))
		case "quote":
			options = append(options, Quote(ref))
		case "image":
			options = append(options, Image(value))
		case "at":
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return err
			}
			options = append(options, At(at))
		case "created":
			options = append(options, Field("createdAt", value))
		case "key":
			options = append(options, Key(value))
		case "lang":
			options = append(options, Lang(strings.Split(value, ",")...))
		case "plain":
			options = append(options, Plain())
		case "card":
			card[0] = value
		case "title":
			card[1] = value
		case "description":
			card[2] = value
		case "thumb":
			card[3] = value
		case "likes", "reposts":
		default:
			return fmt.Errorf("unknown option %q", word)
		}
	}
	if card[0] != "" {
		options = append(options, Card(card[0], card[1], card[2], card[3]))
	}
	ref := a.Post(text, options...)
	if likes+reposts > 0 {
		a.network.Popular(ref, likes, reposts)
	}
	return nil
}

func (a *Account) doPut(words []string) error {
	if len(words) < 2 {
		return errWords
	}
	ref := a.Put(atproto.Path(words[0]), []byte(words[1]))
	for _, word := range words[2:] {
		alias, ok := strings.CutPrefix(word, "as=")
		if !ok {
			return fmt.Errorf("unknown option %q", word)
		}
		a.network.name(alias, ref)
	}
	return nil
}

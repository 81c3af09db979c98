package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newDemoCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show on a sample account, without a network, what the program does",
		Long: `Serve a sample account on this computer, fetch it exactly as fetch would, let its
author delete a post, fetch again, and print what happened: the threads, the
claims with their reasons, and what to try next. The archive is thrown away at the
end unless --db says where to keep it.
` + statusHelp,
		Example: "  skyarchive demo\n  skyarchive demo --db sample.db",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return demo(cmd.Context(), a) },
	}
}

const demoHandle = "camille.test"

func demo(ctx context.Context, a *app) (err error) {
	kept := a.db != "" // and not SKYARCHIVE_DB, which may be an archive in use
	if _, bad := os.Lstat(a.db); kept && !errors.Is(bad, fs.ErrNotExist) {
		return hinted{usagef("%s is already there, and the demonstration makes an archive of its own", a.db), "name another file with --db, or delete this one"}
	}
	net, err := atprototest.Start(atprototest.Options{Seed: "demo", Start: time.Date(2025, 3, 10, 8, 30, 0, 0, time.UTC)})
	if err != nil {
		return fmt.Errorf("serve the sample account: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	wrong := demoAccount(net)
	if err := net.Err(); err != nil {
		return fmt.Errorf("write the sample account: %w", err)
	}

	d := *a
	d.plc, d.resolver, d.appView, d.allowPrivate = net.URL, net.URL, net.URL, true
	if !kept {
		dir, err := os.MkdirTemp("", "skyarchive-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		d.db = filepath.Join(dir, "sample.db")
	}
	s := show{app: &d, ctx: ctx, style: a.style()}
	account := []syntax.AtIdentifier{syntax.AtIdentifier(demoHandle)}

	s.title("A sample account, served on this computer. The first fetch archives all of its posts:")
	s.run("fetch "+demoHandle, func() error { return fetch(ctx, &d, account, fetchFlags{}) })

	s.title("Its threads, put together from numbers and replies:")
	s.run("threads", func() error { return threads(ctx, &d, store.Query{Limit: 20}, threadsOptions{}, wanted{}) })

	net.Account(demoHandle).Delete(wrong)
	net.Account(demoHandle).Post("Erratum : la partie 3/4 de mon fil sur les requêtes était fausse, je l'ai supprimée.",
		atprototest.Lang("fr"), atprototest.At(time.Date(2025, 3, 12, 7, 5, 0, 0, time.UTC)))
	s.title("The author deletes part 3 of 4 and writes a correction. The second fetch takes what is new and keeps what has gone:")
	s.run("fetch "+demoHandle, func() error { return fetch(ctx, &d, account, fetchFlags{}) })

	first := atproto.KeyOf(net.Ref("fil").URI)
	s.title("The thread, its deleted part in place, with the reason for each join:")
	s.run("thread "+first+" --why", func() error { return thread(ctx, &d, first, threadView{why: true}) })

	s.title("The claims about water and electricity in it. A fact-checker decides on them one by one:")
	q, err := d.demoQuery(map[string][]string{"thread": {first}, "topic": {"water", "electricity"}})
	if err != nil {
		return err
	}
	s.run("claims --thread "+first+" --topic water --topic electricity", func() error { return claims(ctx, &d, q, wanted{}) })

	if q, err = d.demoQuery(map[string][]string{"thread": {first}, "topic": {"electricity"}, "kind": {"statistic"}}); err != nil {
		return err
	}
	if s.err == nil {
		s.claim(q)
	}
	if s.err != nil {
		return s.err
	}
	real := *a
	real.root = nil // no real account into the sample archive
	real.say("\nNow with a real account:\n  skyarchive fetch louwelgryn.bsky.social\n  skyarchive threads\n  skyarchive export louwelgryn.bsky.social -o notes/")
	if kept {
		a.say("The sample archive is kept in %s; throw it away when you are done.", a.db)
	}
	return nil
}

// demoQuery is what these flags select.
func (a *app) demoQuery(flags map[string][]string) (store.Query, error) {
	f := filter{fields: map[string]*[]string{}}
	for _, field := range filterFields {
		values := flags[field.name]
		f.fields[field.name] = &values
	}
	q, _, err := f.query(a, nil)
	return q, err
}

// A show prints each command before it runs it, and stops at the first error.
type show struct {
	*app
	ctx   context.Context
	style term.Style
	err   error
}

func (s *show) title(text string) {
	if s.err == nil && !s.json {
		_, s.err = fmt.Fprintf(s.stdout, "\n%s\n", strings.Join(term.Wrap(text, s.columns()), "\n"))
	}
}

func (s *show) run(line string, fn func() error) {
	if s.err == nil && !s.json {
		_, s.err = fmt.Fprintf(s.stdout, "%s\n", s.style.Bold("$ skyarchive "+line))
	}
	if s.err == nil {
		s.err = fn()
	}
}

// claim shows one of the claims in full.
func (s *show) claim(q store.Query) {
	var id string
	s.err = s.view(s.ctx, func(r store.Reader) error {
		list, err := store.Collect(r.Claims(s.ctx, q))
		if err == nil && len(list) == 0 {
			err = errors.New("the sample account has no claim")
		}
		if err == nil {
			id = list[0].Passage.Claim.ID
		}
		return err
	})
	s.title("One claim in full: where it stands, each tag with the words that made it:")
	s.run("claims show "+id, func() error { return showClaim(s.ctx, s.app, id) })
}

// demoAccount writes the sample account, and returns the post that is deleted later.
func demoAccount(net *atprototest.Network) (wrong atproto.Ref) {
	at := func(day, hour, minute int) atprototest.PostOption {
		return atprototest.At(time.Date(2025, 3, day, hour, minute, 0, 0, time.UTC))
	}
	fr, en := atprototest.Lang("fr"), atprototest.Lang("en")
	agency := net.Account("observatoire.test")
	report := agency.Post("Notre bilan 2024 : les centres de données ont consommé 1,5 % de l'électricité mondiale.", fr, at(9, 10, 0))

	c := net.Account(demoHandle)
	lead := c.Post("On me demande souvent ce que coûte une requête à une IA. J'ai relu les rapports publics, voici ce qu'on sait 🧵👇",
		fr, at(10, 9, 0), atprototest.Alias("fil"))
	one := c.Post("1/4 👉 L'électricité : selon l'Agence internationale de l'énergie, les data centers ont consommé 415 TWh en 2024, soit 1,5 % de l'électricité mondiale. Elle prévoit un doublement d'ici 2030.",
		fr, at(10, 9, 2), atprototest.ReplyTo(lead))
	two := c.Post("2/4 👉 L'eau : refroidir un grand centre de données peut demander plus d'un million de litres d'eau par jour, souvent dans des zones déjà sèches.\n👉 Les métaux : cuivre, cobalt, tantale. Extraire une tonne de cuivre déplace des centaines de tonnes de roche.",
		fr, at(10, 9, 4), atprototest.ReplyTo(one))
	wrong = c.Post("3/4 Un seul modèle consommerait autant que 300 000 foyers.", fr, at(10, 9, 6), atprototest.ReplyTo(two))
	c.Post("4/4 Et plus c'est efficace, plus on s'en sert : quand le prix d'un calcul baisse, le nombre de calculs augmente plus vite encore. Le total, lui, ne baisse pas.",
		fr, at(10, 9, 8), atprototest.ReplyTo(wrong))

	c.Post("Le bilan de l'observatoire, à lire en entier.", fr, at(10, 12, 0), atprototest.Quote(report))
	c.Post("La courbe qui compte : la consommation, pas l'efficacité.", fr, at(10, 12, 30),
		atprototest.Image("Courbe : la consommation électrique des centres de données de 2015 à 2024, en TWh"))
	c.Post("1/3 des ventes d'une grande librairie en ligne viendraient de ses recommandations.", fr, at(10, 18, 0))

	c.Post("1/2 Short thread for my English readers: water use at the campus grew by 20% in one year, its operator reports.", en, at(11, 9, 0))
	c.Post("2/2 Cooling took most of it. Nobody has said where the water will come from in a dry summer.", en, at(11, 9, 3))
	return wrong
}

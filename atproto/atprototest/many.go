package atprototest

import (
	"fmt"
	"strconv"
	"strings"

	"skyarchive/atproto"
)

func (a *Account) doMany(words []string) error {
	count, err := strconv.Atoi(words[0])
	if err != nil {
		return err
	}
	batch := 100
	for _, word := range words[1:] {
		value, ok := strings.CutPrefix(word, "batch=")
		if !ok {
			return fmt.Errorf("unknown option %q", word)
		}
		if batch, err = strconv.Atoi(value); err != nil || batch < 1 {
			return fmt.Errorf("%q is no size", value)
		}
	}
	a.Many(count, batch)
	return nil
}

// Many writes count posts, batch of them in a commit: of every nine, three are a numbered
// thread.
func (a *Account) Many(count, batch int) {
	var last atproto.Ref
	for done := 0; done < count; {
		a.Batch(func() {
			for range min(batch, count-done) {
				done++
				text, options := sentence(done), []PostOption(nil)
				if part := (done - 1) % 9; part < 3 {
					text = fmt.Sprintf("%d/3 %s", part+1, text)
					if part > 0 {
						options = append(options, ReplyTo(last))
					}
				}
				last = a.Post(text, options...)
			}
		})
	}
}

// sentence is the text of the post with this number.
func sentence(n int) string {
	switch n % 4 {
	case 0:
		return fmt.Sprintf("Relevé %d : le site a pompé %d litres d'eau cette nuit.", n, 100+n*7%900)
	case 1:
		return fmt.Sprintf("Note %d. On parle de %d %% de l'électricité du canton, sans dire laquelle.", n, 1+n%40)
	case 2:
		return fmt.Sprintf("Log %d: the port unloaded %d barrels of oil today, says the harbour office.", n, 1000+n*13%5000)
	}
	return fmt.Sprintf("Carnet %d, rien à compter aujourd'hui.", n)
}

package words

import (
	"strings"

	"github.com/abadojack/whatlanggo"
)

// Language returns the language of a text: "fr", "en", another code that langs declares, or
// "" where it cannot be told. The languages a record declares are believed unless the words
// of the text say otherwise.
func Language(langs []string, text string) string {
	return Fold(text).Language(langs)
}

// enough is how many letters a text needs before its trigrams say anything.
const enough = 40

// Language is [Language] for a folded text.
func (t *Text) Language(langs []string) string {
	french, english, letters := 0, 0, 0
	for i := range t.Tokens {
		if french+english >= 8 && (french == 0 || english == 0) {
			letters = enough
			break
		}
		k := &t.Tokens[i]
		if k.Kind != Word {
			continue
		}
		letters += int(k.End - k.Start)
		if k.Is(Elided) && k.End-k.Start <= 3 && t.Folded[k.Start] != '\'' {
			french++
			continue
		}
		if k.End-k.Start > 7 || k.forms > 0 {
			continue
		}
		switch n := stopWords.Of(t, i); {
		case n == 0:
		case n <= frenchStopWords:
			french++
		default:
			english++
		}
	}
	declared, sole := "", true
	for _, l := range langs {
		l, _, _ = strings.Cut(strings.ToLower(l), "-")
		if declared != "" && l != declared {
			sole = false
		}
		if declared == "" {
			declared = l
		}
		// Of several, the one the words speak for.
		if l == "fr" && french > english || l == "en" && english > french {
			declared = l
		}
	}
	switch {
	case declared != "" && sole && declared == "fr" && english < 3+3*french,
		declared != "" && sole && declared == "en" && french < 3+3*english:
		return declared
	case french >= 2 && french > 2*english || french > 0 && english == 0 && declared == "":
		return "fr"
	case english >= 2 && english > 2*french || english > 0 && french == 0 && declared == "":
		return "en"
	case declared != "":
		return declared
	case letters < enough:
		return ""
	}
	info := whatlanggo.DetectWithOptions(t.Source, whatlanggo.Options{
		Whitelist: map[whatlanggo.Lang]bool{whatlanggo.Fra: true, whatlanggo.Eng: true},
	})
	if !info.IsReliable() {
		return ""
	}
	return info.Lang.Iso6391()
}

// stopWords are frequent words that only one of the two languages has, French ones first.
var stopWords, frenchStopWords = func() (*Lexicon, uint32) {
	list := NewLexicon(strings.Fields(frenchList)...)
	french := uint32(list.Len())
	for w := range strings.FieldsSeq(englishList) {
		list.Add(w)
	}
	return list, french
}()

const (
	frenchList = `le la les un une des du et est pas que qui dans pour sur avec ce cette ces il elle
		nous vous ils elles son sa ses leur leurs au aux par mais ou ne sont ont cela ca comme meme tout tous toute
		etre avoir fait faire peut sans sous entre donc si je tu mon ma mes ton ta tes notre votre nos vos quand deux
		aussi bien tres ici depuis apres avant chez y en etait ete ils encore trop parce alors rien jamais toujours`
	englishList = `the of and to in is that it for with as are was be this by an from have not at you we they
		their has will more its than which would been were but what when who how about into can our all my your there
		his her he she them these those do does did if so just only over some any out up could should also other i`
)

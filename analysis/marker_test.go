package analysis

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// shown is a marker as the tables write it: "2/5", "3/", "4)", with a star for a suffix,
// and "" for none.
func shown(m marker) string {
	if !m.ok() {
		return ""
	}
	s := m.String() + map[form]string{
		formOpen: "/", formOpenN: "/n", formOpenX: "/x", formOpenAsk: "/?", formOpenDots: "/…", formKeycap: "k",
		formPart: "p", formBracket: ")", formPoint: ".", formDash: "-", formHash: "#",
	}[m.form]
	return s + strings.Repeat("*", int(m.bits&markSuffix))
}

func TestMarkers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, start, end string }{
		{"", "", ""},
		{"Rien à signaler.", "", ""},

		{"1/4 La rivière est basse.", "1/4", ""},
		{"01/04 La rivière est basse.", "1/4", ""},
		{"1 / 4 La rivière est basse.", "1/4", ""},
		{"1/ 4 La rivière est basse.", "1/4", ""},
		{"(1/4) La rivière est basse.", "1/4", ""},
		{"[2/4] La rivière est basse.", "2/4", ""},
		{"1\\4 La rivière est basse.", "1/4", ""},
		{"2/4: The river is low.", "2/4", ""},
		{"2/4- The river is low.", "2/4", ""},
		{"2/4.The river is low.", "2/4", ""},
		{"2/4", "2/4", ""},
		{"La rivière est basse. 3/4", "", "3/4"},
		{"La rivière est basse (3/4)", "", "3/4"},
		{"La rivière est basse. (3/4).", "", "3/4"},
		{"La rivière est basse.3/4", "", "3/4"},
		{"La rivière est basse\n\n3/4", "", "3/4"},
		{"La rivière est basse 3/4 #eau #sécheresse", "", "3/4"},
		{"La rivière est basse 3/4 https://example.org/2/5", "", "3/4"},
		{"La rivière est basse 3/4\nexample.org/rapport/2024...", "", "3/4"},
		{"The river is low 3/4 👇", "", "3/4"},
		{"The river is low 🧵3/4", "", "3/4"},
		{"The river is low [3 / 4]", "", "3/4"},

		{"1/ La rivière est basse.", "1/", ""},
		{"1/La rivière est basse.", "1/", ""},
		{"2/n The river is low.", "2/n", ""},
		{"2/N The river is low.", "2/n", ""},
		{"2/n'importe quoi", "2/", ""},
		{"2/x The river is low.", "2/x", ""},
		{"2/X The river is low.", "2/x", ""},
		{"2/? The river is low.", "2/?", ""},
		{"2/… The river is low.", "2/…", ""},
		{"2/... The river is low.", "2/…", ""},
		{"The river is low 2/", "", "2/"},
		{"The river is low 2/n", "", "2/n"},
		{"The river is low 2/…", "", "2/…"},
		{"The river is low. 2/?", "", "2/?"},
		{"5/end That is it.", "", ""},
		{"5/fin C'est tout.", "", ""},
		{"That is it. 5/end", "", ""},

		{"3) La rivière est basse.", "3)", ""},
		{"(3) La rivière est basse.", "3)", ""},
		{"3. La rivière est basse.", "3.", ""},
		{"3 - La rivière est basse.", "3-", ""},
		{"3 – La rivière est basse.", "3-", ""},
		{"3- La rivière est basse.", "3-", ""},
		{"#3 La rivière est basse.", "3#", ""},
		{"3.5 millions de litres.", "", ""},
		{"3... la suite demain", "", ""},
		{"3 - 4 juillet : fermé", "", ""},
		{"Nous étions 3.", "", ""},
		{"Voir la note (3)", "", "3)"},

		{"1️⃣ The river is low.", "1k", ""},
		{"🔟 The river is low.", "10k", ""},
		{"1️⃣2️⃣ The river is low.", "12k", ""},
		{"2️⃣/5️⃣ The river is low.", "2/5", ""},
		{"2️⃣/5 The river is low.", "2/5", ""},
		{"③ The river is low.", "3k", ""},
		{"The river is low 4️⃣", "", "4k"},

		{"II/V La rivière est basse.", "2/5", ""},
		{"IV / IX La rivière est basse.", "4/9", ""},
		{"Ⅱ/Ⅴ La rivière est basse.", "2/5", ""},
		{"La rivière est basse. III/V", "", "3/5"},
		{"I think that the river is low.", "", ""},
		{"C'est la vie.", "", ""},

		{"Part 2 The river is low.", "2p", ""},
		{"Partie 2 : la rivière est basse.", "2p", ""},
		{"PARTIE 2/3 La rivière est basse.", "2/3", ""},
		{"Part 2 of 3: the river is low.", "2/3", ""},
		{"2 of 3: the river is low.", "2/3", ""},
		{"2 sur 3 La rivière est basse.", "2/3", ""},
		{"2 van 3 De rivier staat laag.", "2/3", ""},
		{"The river is low (2 of 3)", "", "2/3"},
		{"The river is low [2/3] (#water)", "", "2/3"},
		{"La rivière est basse 2/3 [#eau #soif]", "", "2/3"},
		{"La rivière est basse - partie 2", "", "2p"},

		{"٢/٥ النهر منخفض", "2/5", ""},
		{"२/५ नदी", "2/5", ""},
		{"２／５ 川", "2/5", ""},
		{"𝟐/𝟓 The river is low.", "2/5", ""},
		{"²/₅ The river is low.", "2/5", ""},

		{"3a/6 La rivière est basse.", "3/6*", ""},
		{"3b/6 La rivière est basse.", "3/6**", ""},
		{"4bis/6 La rivière est basse.", "4/6**", ""},
		{"3a/ La rivière est basse.", "3/*", ""},
		{"4bis) La rivière est basse.", "4)**", ""},

		{"@ana.example.org 2/4 The river is low.", "2/4", ""},
		{"🧵 1/4 The river is low.", "1/4", ""},
		{"🧵1/4 The river is low.", "1/4", ""},
		{"Thread 1/4 The river is low.", "1/4", ""},
		{"THREAD (1/4): the river is low.", "1/4", ""},
		{"Fil 1/4 La rivière est basse.", "1/4", ""},
		{"[Fil 1/4] La rivière est basse.", "1/4", ""},
		{"HILO 1/4 El río está bajo.", "1/4", ""},
		{"Suite 2/4 La rivière est basse.", "2/4", ""},
		{"Suite et fin 4/4 La rivière est basse.", "4/4", ""},
		{"#fil 1/4 La rivière est basse.", "1/4", ""},
		{"\u200f1/4 النهر", "1/4", ""},
		{"La rivière, en bref\n1/4 Elle est basse.", "1/4", ""},
		{"🧵 La rivière, en bref\n\n1/4 Elle est basse.", "1/4", ""},
		{"Correction to 2/3: the river is low.", "", ""},
		{"Le 2/3 environ", "", ""},

		{"2/3 des rivières sont basses.", "", ""},
		{"2/3 d'entre elles", "", ""},
		{"2/3 d’entre elles", "", ""},
		{"2/3 of the rivers are low.", "", ""},
		{"2 sur 3 des rivières", "", ""},
		{"1/2 tarif pour les enfants", "", ""},
		{"1/2 journée offerte", "", ""},
		{"1/2 h de retard", "", ""},
		{"2/3 De l'eau, il en reste.", "2/3", ""},
		{"2/3 l'eau manque", "2/3", ""},
		{"2/3 : réunion à 18h30, salle des fêtes", "", ""},
		{"2/3 lundi, on se retrouve", "", ""},
		{"2/3 Meeting on Monday at the hall", "", ""},
		{"2/3 Le barrage produit peu, et on ne sait pas encore ce qui se passera lundi", "2/3", ""},
		{"2/3 En 48h la rivière a baissé", "2/3", ""},
		{"1/3/2024 : la rivière est basse", "", ""},
		{"2024/25 season", "", ""},
		{"24/7 on call", "24/7", ""},
		{"2/3e de la rivière", "", ""},
		{"3.2/5", "", ""},
		{"La rivière v2/5", "", ""},
		{"90/h", "", ""},
		{"https://example.org/3/4", "", ""},
		{"Voir https://example.org/page/3/4", "", ""},
		{"1. le sel\n2. le sucre", "", ""},
		{"Il faut : 1. le sel 2. le sucre", "", ""},
		{"1/ le sel\n2/ le sucre", "", ""},
		{"1️⃣ le sel\n2️⃣ le sucre", "", ""},
		{"2/4 Il faut :\n1. le sel\n2. le sucre", "2/4", ""},
		{"0/4 Avant de commencer", "0/4", ""},
	} {
		start, end := markers(tt.text)
		if shown(start) != tt.start || shown(end) != tt.end {
			t.Errorf("%q: %q, %q, want %q, %q", tt.text, shown(start), shown(end), tt.start, tt.end)
		}
	}
}

func TestCues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text                 string
		announces, continues bool
	}{
		{"La rivière est basse 🧵", true, false},
		{"La rivière est basse 👇", true, false},
		{"La rivière est basse ⬇️", true, false},
		{"Petit fil sur la rivière", true, false},
		{"A THREAD on the river", true, false},
		{"Un hilo sobre el río", true, false},
		{"La rivière, à dérouler", true, false},
		{"Au fil de la rivière", false, false},
		{"Threadbare arguments on the river", false, false},
		{"Le profil de la rivière", false, false},
		{"Suite : la rivière est basse", false, true},
		{"SUITE ET FIN de la rivière", false, true},
		{"➡️ Suite de la rivière", false, true},
		{"Part 2: the river", false, true},
		{"Partie 2 : la rivière", false, true},
		{"Continued: the river", false, true},
		{"Cont'd: the river", false, true},
		{"Cont’d: the river", false, true},
		{"Ensuite, la rivière", false, false},
		{"Suite à vos questions sur la rivière", false, false},
		{"Particular rivers", false, false},
		{"Continuing on the river", false, false},
	} {
		if got := announcesThread(tt.text); got != tt.announces {
			t.Errorf("%q announces: %v", tt.text, got)
		}
		if got := opensWithContinuation(tt.text); got != tt.continues {
			t.Errorf("%q continues: %v", tt.text, got)
		}
	}
}

// A marker was read from whole characters of the first two lines with text or of what
// closes the text, and reading it again alone gives the same number.
func FuzzMarkers(f *testing.F) {
	for _, s := range []string{
		"1/4 x", "x (3/4) #a https://b.fr", "🧵 Fil 1/n", "3b/6", "1️⃣2️⃣ x", "II/V", "Part 2 of 3", "Titre\n2/4 x", "x 2/...", "٢/٥", "\xff1/4", "1/4\xff",
		"Part 9999", "x\u00a03/4\u200f", "1. a 2. b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		start, end := findMarks(text)
		for _, m := range []mark{start, end} {
			if !m.ok() {
				if m != (mark{}) {
					t.Errorf("%q: no marker with a range: %+v", text, m)
				}
				continue
			}
			if m.Start < 0 || m.End > len(text) || m.Start >= m.End {
				t.Fatalf("%q: range %v", text, m.Span)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[m.Start:m.End]) {
				t.Errorf("%q: range %v cuts a character", text, m.Span)
			}
			again, size := readMarker(text[m.Start:m.End])
			if size != m.End-m.Start && m.bits&markAtEnd != 0 || again.number != m.number || again.form != m.form {
				t.Errorf("%q: %s is read again as %s", text, fmt.Sprint(m), fmt.Sprint(again))
			}
		}
		if before := text[:start.Start]; start.ok() && skipOpening(before, titleEndBefore(before)) != len(before) {
			t.Errorf("%q: marker behind %q", text, before)
		}
	})
}

func titleEndBefore(before string) int {
	if skipOpening(before, 0) == len(before) {
		return 0
	}
	return titleEnd(before)
}

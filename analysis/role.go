package analysis

import (
	"strings"

	"skyarchive/analysis/words"
)

// A wordClass is a set of roles that a frequent word can play.
type wordClass uint32

// The roles of words.
const (
	leadsNoun    wordClass = 1 << iota // a noun, an adjective or an infinitive stands after it
	justBefore                         // an adverb that stands before a verb
	afterVerb                          // often between an English verb and its object
	prepositions                       // no verb, and none stands after it
	beforeObject                       // between a French verb and its object
	conjunctions                       // opens a sentence without being its subject
	isInfinitive                       // opens an instruction
	auxiliaries                        // before the participle of a verb of saying
	adverbs                            // between a verb of saying and its neighbours
	pronouns                           // stands for a source named before
	noSource                           // no source, though it is where one stands
	articles                           // opens a name
	openers                            // before a subject and no part of it
	endsName                           // no name of a source goes over it
	saysWhat                           // a verb of saying that needs nothing after it to be one
	says                               // a verb of saying
)

// A reading is a text with its language and the roles of its words.
type reading struct {
	*words.Text
	lang  string
	class []wordClass // by token
}

// read looks the words of a text up, once for everything that asks for their roles.
func (r *reading) read(text *words.Text, lang string) {
	r.Text, r.lang, r.class = text, lang, r.class[:0]
	for i := range text.Tokens {
		class := wordClass(0)
		if k := &text.Tokens[i]; k.Kind == words.Word && k.End-k.Start <= longestRole {
			class = roles[roleWords.Of(text, i)]
		}
		r.class = append(r.class, class)
	}
}

// is reports whether the word at token i can play one of the roles.
func (r *reading) is(i int, role wordClass) bool { return r.class[i]&role != 0 }

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// longestRole is the length of the longest word with a role.
const longestRole = 13

// roleWords are the words with roles, and roles what each can play, by number. The number 0
// is that of all other words.
var roleWords, roles = func() (*words.Lexicon, []wordClass) {
	list, table := words.NewLexicon(), []wordClass{0}
	for role, text := range map[wordClass]string{
		leadsNoun: `le la les l' un une des du de d' ce cet cette ces mon ma mes ton ta tes son sa ses leur leurs notre nos votre vos
	chaque quelque quelques au aux en a par pour sur sans sous avec et ou tout toute tous toutes nouvelle nouveau nouvelles nouveaux forte fortes grande grand grosse premiere premier
	the an of to in for by with its their his her our your my no and or new big at from about this these those be been being is are was were more very`,
		justBefore: "also now currently still never always recently already then",
		afterVerb:  "two three four five six seven eight nine ten most the a an its their his her over more up that out all no some around millions billions half less",
		prepositions: `in of at on for to by from with and or as than over under into during against all like near per between among after before since until via without within around across
		behind not but only just even both such than that this some any his her its their our your my is was has if when while because where there here also then off out up down much many most less more very so too`,
		beforeObject: "la le les l' un une son sa ses leur leurs cette",
		conjunctions: "mais et donc but and so then alors",
		isInfinitive: "ajouter melanger agiter conserver eviter utiliser administrer verifier respecter choisir prendre mettre faire rendre reduire penser lutter agir construire",
		auxiliaries:  "a ont avait avaient has have had vient viennent de",
		adverbs:      "si tres bien tant aussi justement recemment deja egalement encore also recently now itself clairement parfaitement fort",
		pronouns:     "il elle ils elles lui eux he she it they them they've celui-ci celle-ci ceux-ci",
		noSource:     "je j' tu on nous vous moi toi i we you que qu' les_cas ce c' cela ca qui this that there which what nobody personne aucun aucune leurs toute les-unes il-y-a me us i've we've you've",
		articles:     "le la l' les un une des ce cet cette the a an",
		openers:      "mais et donc car or ainsi puis but and so yet enfin aujourd'hui ajd rt",
		endsName: `qui que qu' est sont a-t etait va vont ont dont ou which who that is are was were has have had will would can could may might because parce car mais but si if
		lorsque quand when while alors pendant represente consomme consomment utilise augmente pourrait pourraient devrait devraient sera seront`,
		saysWhat: `evalue evaluent evaluait estime estiment estimait prevoit prevoient prevoyait revele revelent affirme affirment alerte alertent anticipe anticipent chiffre chiffrent
		estimates estimated projects predicts predicted forecasts`,
		says: `dit disent ecrit ecrivent explique expliquent souligne soulignent indique indiquent montre montrent demontre demontrent conclut concluent assure assurent
		confirme confirment denonce denoncent precise precisent rappelle rappellent craint craignent constate constatent annonce annoncent declare declarent rapporte rapportent
		prouve prouvent observe observent note notent calcule calculent admet admettent reconnait reconnaissent pretend pretendent soutient soutiennent juge jugent avance avancent raconte racontent resume resumait ajoute conclu
		says said say finds found find reports reported warns warned warn claims claimed reveals revealed shows showed show shown states stated argues argued concludes concluded announced notes noted
		expects expected suggests suggested explains explained writes wrote confirms confirmed believes calculated observed added acknowledged admits admitted estimate`,
	} {
		for w := range strings.FieldsSeq(text) {
			n := list.Add(w)
			if int(n) == len(table) {
				table = append(table, 0)
			}
			table[n] |= role
		}
	}
	return list, table
}()

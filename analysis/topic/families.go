package topic

// Families say which families each word belongs to: a word that is the plural of one term and
// a term itself belongs to both.
type families struct {
	start []uint32 // by word: where its families begin in list
	list  []uint32

	// While the tree is made.
	exact     []uint32 // by word: the family that it is alone in, or 0
	inflected []uint32 // by word: the family that it is with its plurals, or 0
	members   []member
}

type member struct{ word, family uint32 }

// grow makes room for so many words.
func (f *families) grow(words int) {
	f.exact, f.inflected = make([]uint32, 1, words), make([]uint32, 1, words)
	f.members = make([]member, 0, words)
}

// add adds a word, which is in no family yet.
func (f *families) add() {
	f.exact, f.inflected = append(f.exact, 0), append(f.inflected, 0)
}

// close lists the families of all words, once they are all there.
func (f *families) close(words int) {
	f.start = make([]uint32, words+2)
	for _, m := range f.members {
		f.start[m.word+1]++
	}
	for i := range words + 1 {
		f.start[i+1] += f.start[i]
	}
	f.list = make([]uint32, len(f.members))
	free := make([]uint32, len(f.start))
	copy(free, f.start)
	for _, m := range f.members {
		f.list[free[m.word]] = m.family
		free[m.word]++
	}
	f.exact, f.inflected, f.members = nil, nil, nil
}

// of are the families of a word; 0 has none.
func (f *families) of(word uint32) []uint32 { return f.list[f.start[word]:f.start[word+1]] }

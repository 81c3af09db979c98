package topic

// A byWord is some numbers for each word.
type byWord struct {
	start []uint32 // by word: where its numbers begin in list
	list  []uint32
}

// A member is a number of a word.
type member struct{ word, value uint32 }

// listByWord sorts numbers by word, those of one word as they come. Words are numbered from
// 1; 0 has no numbers.
func listByWord(words int, members []member) byWord {
	b := byWord{make([]uint32, words+2), make([]uint32, len(members))}
	for _, m := range members {
		b.start[m.word+1]++
	}
	for i := range words + 1 {
		b.start[i+1] += b.start[i]
	}
	free := make([]uint32, len(b.start))
	copy(free, b.start)
	for _, m := range members {
		b.list[free[m.word]] = m.value
		free[m.word]++
	}
	return b
}

func (b *byWord) of(word uint32) []uint32 { return b.list[b.start[word]:b.start[word+1]] }

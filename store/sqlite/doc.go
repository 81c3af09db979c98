// Package sqlite keeps an archive in one SQLite file: the embedded default of [store.Store].
package sqlite

package main

import "golang.org/x/sys/windows"

// freeSpace is how many bytes a user may still write to the disk that a folder is on.
func freeSpace(folder string) (int64, bool) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, false
	}
	var free, total, all uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, &total, &all); err != nil {
		return 0, false
	}
	return int64(free), true
}

package polite

// CheckAddress is what the dialer asks before it connects.
var CheckAddress = checkAddress

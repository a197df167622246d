// Lets an unmodified libserialport open pseudo-terminals, in every executable
// that this is linked into: definitions in an executable go before those of
// the C library, also for calls from shared libraries.
//
// libserialport 0.1.1 wants what Linux does not give for a pseudo-terminal: an
// entry in /sys/class/tty, and modem lines. Both are made up here, and data
// bits and parity are kept, which the driver drops. Nothing else is changed:
// every other call is passed on.

#pragma once

#include <stddef.h>
// For tests of permissions: what setuid does, for the calling thread.
#include <sys/fsuid.h>

// Makes a pseudo-terminal and writes the path of its serial port. Returns the
// other end, -1 with errno on failure.
int ptyshim_make(char *path, size_t size);

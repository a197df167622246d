#define _GNU_SOURCE
#include "ptyshim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// MARK: An entry in /sys/class/tty

static const char target[] = "../../devices/virtual/tty/pts";

// Whether the path is the entry of a pseudo-terminal that exists.
static int is_entry(const char *path) {
  static const char folder[] = "/sys/class/tty/pts/";
  if (path == NULL || strncmp(path, folder, strlen(folder)) != 0) return 0;
  char device[64];
  struct stat status;
  int length = snprintf(device, sizeof device, "/dev/pts/%s", path + strlen(folder));
  return length < (int)sizeof device && fstatat(AT_FDCWD, device, &status, 0) == 0;
}

int lstat(const char *path, struct stat *status) {
  if (is_entry(path)) {
    memset(status, 0, sizeof *status);
    status->st_mode = S_IFLNK | 0777;
    return 0;
  }
  return fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

// What binaries made for a C library before 2.33 call instead, Debian's
// libserialport among them.
int __lxstat(int version, const char *path, struct stat *status) {
  (void)version;
  return lstat(path, status);
}

ssize_t readlink(const char *path, char *buffer, size_t size) {
  if (is_entry(path)) {
    size_t length = strlen(target) < size ? strlen(target) : size;
    memcpy(buffer, target, length);
    return (ssize_t)length;
  }
  return readlinkat(AT_FDCWD, path, buffer, size);
}

// MARK: Modem lines

// What TIOCMSET and its kin last made of the outputs of each pseudo-terminal.
static _Atomic int outputs[4096];

// The outputs of the pseudo-terminal that is open there, NULL if it is none.
static _Atomic int *outputs_of(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISCHR(status.st_mode)) return NULL;
  // Linux gives 136 to the slave ends of pseudo-terminals.
  if (major(status.st_rdev) != 136 || minor(status.st_rdev) >= 4096) return NULL;
  return &outputs[minor(status.st_rdev)];
}

// A plug that leads RTS back to CTS, and DTR to DSR and DCD.
static int with_inputs(int lines) {
  return lines | (lines & TIOCM_RTS ? TIOCM_CTS : 0)
      | (lines & TIOCM_DTR ? TIOCM_DSR | TIOCM_CAR : 0);
}

int ioctl(int descriptor, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  const int before = errno;
  const int result = (int)syscall(SYS_ioctl, descriptor, request, argument);
  if (result == 0 || errno != ENOTTY) return result;
  const int is_modem_call = request == TIOCMGET || request == TIOCMSET
      || request == TIOCMBIS || request == TIOCMBIC;
  _Atomic int *lines = is_modem_call ? outputs_of(descriptor) : NULL;
  if (lines == NULL) {
    errno = ENOTTY;
    return result;
  }
  int *value = argument;
  const int settable = TIOCM_RTS | TIOCM_DTR;
  switch (request) {
    case TIOCMGET: *value = with_inputs(atomic_load(lines)); break;
    case TIOCMSET: atomic_store(lines, *value & settable); break;
    case TIOCMBIS: atomic_fetch_or(lines, *value & settable); break;
    case TIOCMBIC: atomic_fetch_and(lines, ~*value); break;
  }
  errno = before;
  return 0;
}

// MARK: Making one

int ptyshim_make(char *path, size_t size) {
  const int descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  if (grantpt(descriptor) == 0 && unlockpt(descriptor) == 0
      && ptsname_r(descriptor, path, size) == 0) {
    return descriptor;
  }
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

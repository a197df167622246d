#define _GNU_SOURCE
#include "ptyshim.h"

#include <dlfcn.h>
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
#include <termios.h>
#include <unistd.h>

// The next definition of a function that is defined here: the C library's, or
// that of a library that is preloaded to take its place as well.
#define NEXT(name) \
  ({ \
    static __typeof__(&name) next; \
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, #name); \
    next; \
  })

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
  return NEXT(lstat)(path, status);
}

// What binaries made for a C library before 2.33 call instead, Debian's
// libserialport among them.
int __lxstat(int version, const char *path, struct stat *status) {
  if (is_entry(path)) return lstat(path, status);
  return NEXT(__lxstat)(version, path, status);
}

ssize_t readlink(const char *path, char *buffer, size_t size) {
  if (is_entry(path)) {
    size_t length = strlen(target) < size ? strlen(target) : size;
    memcpy(buffer, target, length);
    return (ssize_t)length;
  }
  return NEXT(readlink)(path, buffer, size);
}

// MARK: A port's state

// What a pseudo-terminal's driver does not keep.
struct port {
  // The output lines that are on.
  _Atomic int lines;
  // Of c_cflag, the bits in FORMAT that were asked for; IS_SET when any were.
  _Atomic unsigned format;
};

enum { MOST_PORTS = 4096 };
static const unsigned FORMAT = CSIZE | PARENB;
static const unsigned IS_SET = 1u << 31;
static struct port ports[MOST_PORTS];

// The state of the pseudo-terminal that is open there, NULL if it is none.
static struct port *port_of(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISCHR(status.st_mode)) return NULL;
  // Linux gives 136 to the slave ends of pseudo-terminals.
  if (major(status.st_rdev) != 136 || minor(status.st_rdev) >= MOST_PORTS) return NULL;
  return &ports[minor(status.st_rdev)];
}

// MARK: Modem lines

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
  int result = NEXT(ioctl)(descriptor, request, argument);
  if (result >= 0 || errno != ENOTTY) return result;
  // umockdev says so of every device that it has nothing to do with.
  result = (int)syscall(SYS_ioctl, descriptor, request, argument);
  if (result >= 0 || errno != ENOTTY) return result;
  const int is_modem_call = request == TIOCMGET || request == TIOCMSET
      || request == TIOCMBIS || request == TIOCMBIC;
  struct port *port = is_modem_call ? port_of(descriptor) : NULL;
  if (port == NULL) {
    errno = ENOTTY;
    return result;
  }
  int *value = argument;
  const int settable = TIOCM_RTS | TIOCM_DTR;
  switch (request) {
    case TIOCMGET: *value = with_inputs(atomic_load(&port->lines)); break;
    case TIOCMSET: atomic_store(&port->lines, *value & settable); break;
    case TIOCMBIS: atomic_fetch_or(&port->lines, *value & settable); break;
    case TIOCMBIC: atomic_fetch_and(&port->lines, ~*value); break;
  }
  errno = before;
  return 0;
}

// MARK: Data bits and parity

// The driver takes 8 bits without parity whatever is asked for.
int tcsetattr(int descriptor, int when, const struct termios *terminal) {
  const int result = NEXT(tcsetattr)(descriptor, when, terminal);
  struct port *port = result == 0 ? port_of(descriptor) : NULL;
  if (port != NULL) atomic_store(&port->format, IS_SET | (terminal->c_cflag & FORMAT));
  return result;
}

int tcgetattr(int descriptor, struct termios *terminal) {
  const int result = NEXT(tcgetattr)(descriptor, terminal);
  struct port *port = result == 0 ? port_of(descriptor) : NULL;
  const unsigned format = port != NULL ? atomic_load(&port->format) : 0;
  if (format & IS_SET) terminal->c_cflag = (terminal->c_cflag & ~FORMAT) | (format & FORMAT);
  return result;
}

// MARK: Making one

int ptyshim_make(char *path, size_t size) {
  const int descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  int number;
  if (grantpt(descriptor) == 0 && unlockpt(descriptor) == 0
      && ptsname_r(descriptor, path, size) == 0 && ioctl(descriptor, TIOCGPTN, &number) == 0) {
    if (number < MOST_PORTS) {
      // Another had this number before.
      atomic_store(&ports[number].lines, 0);
      atomic_store(&ports[number].format, 0);
    }
    return descriptor;
  }
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

// Stands between a program and the files whose path contains DISK_SHIM_PATH,
// when it is preloaded (LD_PRELOAD, ld.so(8)).
//
//   DISK_SHIM_FULL_AFTER=BYTES  the disk is full once so many were written
//   DISK_SHIM_READ_ONLY=1       nothing there is opened for writing
//   DISK_SHIM_POWER_FAILS=SYNCS the process is killed in place of the sync after
//                               so many
//   DISK_SHIM_HANGS_AFTER=SYNCS the next one, and all behind it, take half a minute
//   DISK_SHIM_LOG=FILE          keeps what was done, in order: a line
//                               "w PATH OFFSET COUNT", then the bytes;
//                               "c PATH" for a new file, "t PATH LENGTH",
//                               "s PATH" for a file or a folder that was synced,
//                               "u PATH", "h PATH" for a sync that hangs; "x COUNT" for bytes sent to a socket,
//                               of whatever path
//   DISK_SHIM_STREAMS_BLOCK=SECONDS  every write to the descriptors 0 to 2 takes so
//                               long, whatever is behind them
//
// What SQLite maps into memory, the file "-shm", is not seen: it is no part of
// what must last.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long written;
static int log_descriptor = -1;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

// The path of a descriptor that is watched; false for others.
static int is_watched(int descriptor, char path[PATH_MAX]) {
  const char *part = getenv("DISK_SHIM_PATH");
  if (part == NULL) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, part) != NULL;
}

// Called with the lock held.
static void keep(const char *line, const void *bytes, size_t count) {
  const char *name = getenv("DISK_SHIM_LOG");
  if (name == NULL) return;
  ssize_t (*const original)(int, const void *, size_t) = next("write");
  if (log_descriptor < 0) {
    int (*const open_file)(const char *, int, ...) = next("open64");
    log_descriptor = open_file(name, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  }
  if (log_descriptor < 0) return;
  if (original(log_descriptor, line, strlen(line)) < 0) return;
  if (count > 0 && original(log_descriptor, bytes, count) < 0) return;
}

// Whether so many bytes more still fit.
static int fits(size_t count) {
  const char *limit = getenv("DISK_SHIM_FULL_AFTER");
  if (limit != NULL && written + (long long)count > atoll(limit)) return 0;
  written += (long long)count;
  return 1;
}

static ssize_t pwrite_watched(
    const char *name, int descriptor, const void *bytes, size_t count, off64_t offset) {
  ssize_t (*const original)(int, const void *, size_t, off64_t) = next(name);
  char path[PATH_MAX];
  if (!is_watched(descriptor, path)) return original(descriptor, bytes, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t done = -1;
  if (fits(count)) {
    char line[PATH_MAX + 64];
    snprintf(line, sizeof line, "w %s %lld %zu\n", path, (long long)offset, count);
    keep(line, bytes, count);
    done = original(descriptor, bytes, count, offset);
  } else {
    errno = ENOSPC;
  }
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return pwrite_watched("pwrite64", descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite_watched("pwrite", descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  ssize_t (*const original)(int, const void *, size_t) = next("write");
  const char *seconds = getenv("DISK_SHIM_STREAMS_BLOCK");
  if (seconds != NULL && descriptor <= 2) {
    for (unsigned left = (unsigned)atoi(seconds); left > 0;) left = sleep(left);
  }
  return original(descriptor, bytes, count);
}

static void note(const char *what, int descriptor, long long number, int has_number) {
  char path[PATH_MAX];
  if (!is_watched(descriptor, path)) return;
  char line[PATH_MAX + 64];
  if (has_number)
    snprintf(line, sizeof line, "%s %s %lld\n", what, path, number);
  else
    snprintf(line, sizeof line, "%s %s\n", what, path);
  pthread_mutex_lock(&lock);
  keep(line, NULL, 0);
  pthread_mutex_unlock(&lock);
}

int ftruncate64(int descriptor, off64_t length) {
  int (*const original)(int, off64_t) = next("ftruncate64");
  note("t", descriptor, length, 1);
  return original(descriptor, length);
}

int ftruncate(int descriptor, off_t length) {
  int (*const original)(int, off_t) = next("ftruncate");
  note("t", descriptor, length, 1);
  return original(descriptor, length);
}

// Called before a sync: the power may fail there.
static void fail_power(int descriptor) {
  static int syncs;
  const char *limit = getenv("DISK_SHIM_POWER_FAILS");
  char path[PATH_MAX];
  if (limit == NULL || !is_watched(descriptor, path)) return;
  pthread_mutex_lock(&lock);
  syncs += 1;
  if (syncs > atoi(limit)) kill(getpid(), SIGKILL);
  pthread_mutex_unlock(&lock);
}

// Called before a sync: the disk may stop answering there.
static void hang(int descriptor) {
  static int syncs;
  const char *limit = getenv("DISK_SHIM_HANGS_AFTER");
  char path[PATH_MAX];
  if (limit == NULL || !is_watched(descriptor, path)) return;
  pthread_mutex_lock(&lock);
  const int is_hanging = ++syncs > atoi(limit);
  pthread_mutex_unlock(&lock);
  if (!is_hanging) return;
  note("h", descriptor, 0, 0);
  sleep(30);
}

int fdatasync(int descriptor) {
  int (*const original)(int) = next("fdatasync");
  fail_power(descriptor);
  hang(descriptor);
  const int result = original(descriptor);
  if (result == 0) note("s", descriptor, 0, 0);
  return result;
}

int fsync(int descriptor) {
  int (*const original)(int) = next("fsync");
  fail_power(descriptor);
  hang(descriptor);
  const int result = original(descriptor);
  if (result == 0) note("s", descriptor, 0, 0);
  return result;
}

int unlink(const char *path) {
  int (*const original)(const char *) = next("unlink");
  const char *part = getenv("DISK_SHIM_PATH");
  if (part != NULL && strstr(path, part) != NULL) {
    char line[PATH_MAX + 64];
    snprintf(line, sizeof line, "u %s\n", path);
    pthread_mutex_lock(&lock);
    keep(line, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  return original(path);
}

// Its second name is on a line of its own: paths may hold spaces.
int link(const char *path, const char *second) {
  int (*const original)(const char *, const char *) = next("link");
  const char *part = getenv("DISK_SHIM_PATH");
  const int result = original(path, second);
  if (result == 0 && part != NULL && strstr(path, part) != NULL) {
    char line[2 * PATH_MAX + 64];
    snprintf(line, sizeof line, "l %s\n%s\n", path, second);
    pthread_mutex_lock(&lock);
    keep(line, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  return result;
}

static int open_watched(const char *name, const char *path, int flags, mode_t mode) {
  int (*const original)(const char *, int, ...) = next(name);
  const char *part = getenv("DISK_SHIM_PATH");
  if (part == NULL || strstr(path, part) == NULL) return original(path, flags, mode);
  if (getenv("DISK_SHIM_READ_ONLY") != NULL && (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0) {
    errno = EROFS;
    return -1;
  }
  const int is_new = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
  const int descriptor = original(path, flags, mode);
  if (descriptor >= 0 && is_new) note("c", descriptor, 0, 0);
  return descriptor;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_watched("open64", path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_watched("open", path, flags, mode);
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
  ssize_t (*const original)(int, const void *, size_t, int) = next("send");
  if (getenv("DISK_SHIM_LOG") != NULL) {
    char line[64];
    snprintf(line, sizeof line, "x %zu\n", count);
    pthread_mutex_lock(&lock);
    keep(line, bytes, count);
    pthread_mutex_unlock(&lock);
  }
  return original(descriptor, bytes, count, flags);
}

// Stands between a program and the files whose path contains DISK_SHIM_PATH,
// when it is preloaded (LD_PRELOAD, ld.so(8)).
//
//   DISK_SHIM_FULL_AFTER=BYTES  the disk is full once so many were written
//   DISK_SHIM_LOG=FILE          keeps what was done, in order: a line
//                               "w PATH OFFSET COUNT", then the bytes;
//                               "t PATH LENGTH", "s PATH", "u PATH"

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int fdatasync(int descriptor) {
  int (*const original)(int) = next("fdatasync");
  const int result = original(descriptor);
  if (result == 0) note("s", descriptor, 0, 0);
  return result;
}

int fsync(int descriptor) {
  int (*const original)(int) = next("fsync");
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

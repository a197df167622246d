#define _GNU_SOURCE
#include "direct.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { timeout_ms = 10000 };

double direct_thread_time(void) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

double direct_children_time(void) {
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double clock_time(clockid_t clock) {
  struct timespec time = {0};
  clock_gettime(clock, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double direct_process_time(void) { return clock_time(CLOCK_PROCESS_CPUTIME_ID); }

double direct_time_of(pthread_t thread) {
  clockid_t clock;
  return pthread_getcpuclockid(thread, &clock) == 0 ? clock_time(clock) : 0;
}

void direct_pin(int is_pinned) {
  const int own = sched_getcpu();
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  for (int processor = 0; processor < CPU_SETSIZE; processor++) {
    if (!is_pinned || processor == own) CPU_SET(processor, &allowed);
  }
  DIR *threads = opendir("/proc/self/task");
  if (threads == NULL) return;
  for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
    const int thread = atoi(entry->d_name);
    if (thread > 0) sched_setaffinity(thread, sizeof allowed, &allowed);
  }
  closedir(threads);
}

// MARK: Serial

struct sp_port *direct_serial_open(const char *path) {
  struct sp_port *port;
  if (sp_get_port_by_name(path, &port) != SP_OK) return NULL;
  if (sp_open(port, SP_MODE_READ_WRITE) == SP_OK && sp_set_baudrate(port, 9600) == SP_OK
      && sp_set_bits(port, 8) == SP_OK && sp_set_parity(port, SP_PARITY_NONE) == SP_OK
      && sp_set_stopbits(port, 1) == SP_OK
      && sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE) == SP_OK) {
    return port;
  }
  sp_free_port(port);
  return NULL;
}

int direct_serial_queries(struct sp_port *port, const uint8_t *query, int count) {
  uint8_t reply[direct_message_length];
  for (int done = 0; done < count; done++) {
    if (sp_blocking_write(port, query, sizeof reply, timeout_ms) != sizeof reply
        || sp_blocking_read(port, reply, sizeof reply, timeout_ms) != sizeof reply) {
      return done;
    }
  }
  return count;
}

// MARK: TCP

static struct sockaddr_in loopback(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int direct_listen(uint16_t *port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0
      || listen(listener, 16) != 0
      || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    return -1;
  }
  *port = ntohs(address.sin_port);
  return listener;
}

int direct_connect(uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in address = loopback(port);
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0
      ? descriptor : -1;
}

// Whether a whole message was received.
static int receive(int descriptor, uint8_t *message) {
  ssize_t received = 0;
  while (received < direct_message_length) {
    const ssize_t count
        = recv(descriptor, message + received, direct_message_length - (size_t)received, 0);
    if (count <= 0) return 0;
    received += count;
  }
  return 1;
}

int direct_socket_queries(int descriptor, const uint8_t *query, int count) {
  uint8_t reply[direct_message_length];
  for (int done = 0; done < count; done++) {
    if (send(descriptor, query, sizeof reply, MSG_NOSIGNAL) != sizeof reply
        || !receive(descriptor, reply)) {
      return done;
    }
  }
  return count;
}

void direct_answer(int descriptor, const uint8_t *reply) {
  uint8_t query[direct_message_length];
  while (receive(descriptor, query)) {
    if (send(descriptor, reply, sizeof query, MSG_NOSIGNAL) != sizeof query) break;
  }
  close(descriptor);
}

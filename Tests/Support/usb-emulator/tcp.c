// A TCP server of lines as the instrument behind a device: messages of the host
// go there, each line that comes back is one reply.

#define _GNU_SOURCE
#include "emulator.h"

#include <errno.h>
#include <glib-unix.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct line_client {
  struct device *device;
  int socket;
  guint reading, writing;
  // What the server has not taken yet; what came after the last line.
  GByteArray *to_send, *line;
};

// MARK: Connecting

bool tcp_read_address(const char *text, char **host, int *port) {
  const char *colon = strrchr(text, ':');
  guint64 number;
  *host = NULL;
  if (colon == NULL || colon == text) return false;
  if (!g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &number, NULL)) return false;
  *host = g_strndup(text, (gsize)(colon - text));
  *port = (int)number;
  return true;
}

int tcp_connect(const char *host, int port, char **error) {
  char service[8];
  g_snprintf(service, sizeof service, "%d", port);
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *found = NULL;
  const int result = getaddrinfo(host, service, &hints, &found);
  if (result != 0) {
    *error = g_strdup_printf("%s:%d: %s", host, port, gai_strerror(result));
    return -1;
  }
  const int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool is_connected =
      descriptor >= 0 && connect(descriptor, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  if (is_connected) {
    const int one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
  }
  *error = g_strdup_printf("%s:%d: %s", host, port, g_strerror(errno));
  if (descriptor >= 0) close(descriptor);
  return -1;
}

// MARK: Sending, with the lock

static gboolean on_writable(gint descriptor, GIOCondition condition, gpointer context);

static void send_some(struct line_client *client) {
  GByteArray *bytes = client->to_send;
  while (bytes->len > 0) {
    const ssize_t count =
        send(client->socket, bytes->data, bytes->len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count <= 0) break;
    g_byte_array_remove_range(bytes, 0, (guint)count);
  }
  if (bytes->len > 0 && client->writing == 0) {
    client->writing = g_unix_fd_add(client->socket, G_IO_OUT, on_writable, client);
  }
}

static gboolean on_writable(gint descriptor, GIOCondition condition, gpointer context) {
  (void)descriptor;
  (void)condition;
  struct line_client *client = context;
  g_mutex_lock(&emulator_lock);
  client->writing = 0;
  send_some(client);
  g_mutex_unlock(&emulator_lock);
  return G_SOURCE_REMOVE;
}

void line_client_send(struct line_client *client, const uint8_t *bytes, size_t count) {
  g_byte_array_append(client->to_send, bytes, (guint)count);
  // EOM ends a message of USBTMC, with or without LF; a line needs it.
  if (count == 0 || bytes[count - 1] != '\n') {
    g_byte_array_append(client->to_send, (const uint8_t *)"\n", 1);
  }
  send_some(client);
}

// MARK: Receiving

static void take(struct line_client *client, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    const uint8_t *end = memchr(bytes, '\n', count);
    const size_t length = end != NULL ? (size_t)(end - bytes) + 1 : count;
    g_byte_array_append(client->line, bytes, (guint)length);
    if (end != NULL) {
      usbtmc_say(client->device->model, client->line->data, client->line->len);
      g_byte_array_set_size(client->line, 0);
    }
    bytes += length;
    count -= length;
  }
}

static gboolean on_readable(gint descriptor, GIOCondition condition, gpointer context) {
  (void)condition;
  struct line_client *client = context;
  uint8_t bytes[16384];
  const ssize_t count = recv(descriptor, bytes, sizeof bytes, 0);
  if (count <= 0) {
    // The instrument has gone, and its cable with it.
    client->reading = 0;
    device_unplug(client->device);
    return G_SOURCE_REMOVE;
  }
  g_mutex_lock(&emulator_lock);
  usbtmc_set_time(client->device->model, milliseconds());
  take(client, bytes, (size_t)count);
  device_changed(client->device);
  g_mutex_unlock(&emulator_lock);
  return G_SOURCE_CONTINUE;
}

// MARK: Coming and going

struct line_client *line_client_create(struct device *device, char **error) {
  const int descriptor = tcp_connect(device->options.host, device->options.port, error);
  if (descriptor < 0) return NULL;
  struct line_client *client = g_new0(struct line_client, 1);
  client->device = device;
  client->socket = descriptor;
  client->to_send = g_byte_array_new();
  client->line = g_byte_array_new();
  client->reading = g_unix_fd_add(descriptor, G_IO_IN | G_IO_HUP, on_readable, client);
  return client;
}

void line_client_free(struct line_client *client) {
  g_mutex_lock(&emulator_lock);
  if (client->reading != 0) g_source_remove(client->reading);
  if (client->writing != 0) g_source_remove(client->writing);
  g_mutex_unlock(&emulator_lock);
  close(client->socket);
  g_byte_array_unref(client->to_send);
  g_byte_array_unref(client->line);
  g_free(client);
}

// Devices on request: who connects to the socket makes one, speaks as the
// instrument, and takes it away by closing the connection. Lines of text, one
// answer each: `ok`, with what was asked for behind it, or `error TEXT`.
//
//   plug KEY=VALUE,...   makes the device; ok BUS NUMBER
//   unplug, replug       ok; ok BUS NUMBER
//   say HEX              queues one reply message
//   say-on HEX           queues a piece of one that goes on
//   hear N               ok HEX, once the host has sent N bytes
//   raise HEX            requests service with that status byte
//   faults PLAN          replaces the fault plan
//   stats                ok name=number ...

#define _GNU_SOURCE
#include "emulator.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct connection {
  int socket;
  guint reading, writing, hearing;
  GString *received, *to_send;
  struct device *device;
  // How many bytes `hear` waits for, 0 when it does not.
  size_t wanted;
};

static int listener = -1;
static guint accepting;
static GList *connections;

// MARK: Answering

static void obey_all(struct connection *connection);

static gboolean on_writable(gint descriptor, GIOCondition condition, gpointer context) {
  (void)condition;
  struct connection *connection = context;
  GString *text = connection->to_send;
  const ssize_t count = send(descriptor, text->str, text->len, MSG_DONTWAIT | MSG_NOSIGNAL);
  // Where the client has gone, reading will say so.
  if (count < 0 && errno != EAGAIN) g_string_truncate(text, 0);
  if (count > 0) g_string_erase(text, 0, count);
  if (text->len > 0) return G_SOURCE_CONTINUE;
  connection->writing = 0;
  return G_SOURCE_REMOVE;
}

G_GNUC_PRINTF(2, 3)
static void answer(struct connection *connection, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  g_string_append_vprintf(connection->to_send, format, arguments);
  va_end(arguments);
  g_string_append_c(connection->to_send, '\n');
  if (connection->writing == 0 && on_writable(connection->socket, G_IO_OUT, connection)) {
    connection->writing = g_unix_fd_add(connection->socket, G_IO_OUT, on_writable, connection);
  }
}

static void answer_place(struct connection *connection) {
  const struct place *place = &connection->device->node->place;
  answer(connection, "ok %d %d", place->bus, place->number);
}

static void answer_error(struct connection *connection, char *error) {
  answer(connection, "error %s", error);
  g_free(error);
}

// MARK: Hearing and saying

// Answers `hear` if enough has come.
static void answer_heard(struct connection *connection) {
  GByteArray *heard = connection->device->heard;
  const size_t count = connection->wanted;
  if (heard->len < count) return;
  GString *text = g_string_sized_new(2 * count + 4);
  g_string_append(text, "ok ");
  for (size_t index = 0; index < count; index++) {
    static const char digits[] = "0123456789abcdef";
    g_string_append_c(text, digits[heard->data[index] >> 4]);
    g_string_append_c(text, digits[heard->data[index] & 15]);
  }
  g_byte_array_remove_range(heard, 0, (guint)count);
  connection->wanted = 0;
  answer(connection, "%s", text->str);
  g_string_free(text, TRUE);
}

static gboolean on_heard_idle(gpointer context) {
  struct connection *connection = context;
  g_mutex_lock(&emulator_lock);
  connection->hearing = 0;
  if (connection->wanted > 0) answer_heard(connection);
  g_mutex_unlock(&emulator_lock);
  if (connection->wanted == 0) obey_all(connection);
  return G_SOURCE_REMOVE;
}

// Called with the lock, by the thread that has it.
static void on_heard(void *context) {
  struct connection *connection = context;
  if (connection->wanted > 0 && connection->hearing == 0) {
    connection->hearing = g_idle_add(on_heard_idle, connection);
  }
}

// The bytes that hexadecimal digits stand for, NULL if they do not.
static GByteArray *read_hex(const char *text) {
  const size_t length = strlen(text);
  if (length % 2 != 0) return NULL;
  GByteArray *bytes = g_byte_array_sized_new((guint)(length / 2));
  for (size_t index = 0; index < length; index += 2) {
    const int high = g_ascii_xdigit_value(text[index]);
    const int low = g_ascii_xdigit_value(text[index + 1]);
    const uint8_t byte = (uint8_t)(high << 4 | low);
    if (high < 0 || low < 0) {
      g_byte_array_unref(bytes);
      return NULL;
    }
    g_byte_array_append(bytes, &byte, 1);
  }
  return bytes;
}

// MARK: Commands

static void plug(struct connection *connection, const char *options) {
  char *error = NULL;
  if (connection->device != NULL) {
    answer(connection, "error this connection has a device");
    return;
  }
  struct device *device = device_create(options, &error);
  if (device == NULL) return answer_error(connection, error);
  device->on_heard = on_heard;
  device->heard_context = connection;
  error = device_plug(device);
  if (error != NULL) {
    device_free(device);
    return answer_error(connection, error);
  }
  connection->device = device;
  answer_place(connection);
}

static void answer_stats(struct connection *connection) {
  const struct device *device = connection->device;
  const struct usbtmc_counters *counters = usbtmc_counters(device->model);
  GString *text = g_string_new("ok");
#define STAT(name) g_string_append_printf(text, " " #name "=%ld", counters->name)
  STAT(messages), STAT(requests), STAT(triggers), STAT(aborts_in), STAT(aborts_out);
  STAT(clears), STAT(halts_cleared), STAT(resets), STAT(status_reads), STAT(claims);
  STAT(releases), STAT(detaches), STAT(attaches), STAT(set_configuration), STAT(set_interface);
#undef STAT
  size_t inflight = 0, opens = 0;
  if (device->node != NULL) {
    for (int index = 0; index < ENDPOINT_QUEUES; index++) {
      inflight += g_queue_get_length(&device->node->pending[index]);
    }
    opens = g_list_length(device->node->handles);
  }
  g_string_append_printf(
      text, " ren=%d remote=%d urbs=%ld inflight=%zu opens=%zu plugged=%d",
      usbtmc_is_enabled(device->model), usbtmc_is_remote(device->model), device->urbs, inflight,
      opens, device->node != NULL);
  answer(connection, "%s", text->str);
  g_string_free(text, TRUE);
}

// Commands that need the lock. False for one that is none.
static bool obey_locked(struct connection *connection, const char *name, const char *rest) {
  struct device *device = connection->device;
  usbtmc_set_time(device->model, milliseconds());
  if (strcmp(name, "stats") == 0) {
    answer_stats(connection);
  } else if (strcmp(name, "hear") == 0) {
    connection->wanted = g_ascii_strtoull(rest, NULL, 10);
    answer_heard(connection);
  } else if (strcmp(name, "faults") == 0) {
    const char *error = usbtmc_set_faults(device->model, rest);
    if (error == NULL) answer(connection, "ok"); else answer(connection, "error %s", error);
  } else if (strcmp(name, "say") == 0 || strcmp(name, "say-on") == 0
             || strcmp(name, "raise") == 0) {
    GByteArray *bytes = read_hex(rest);
    if (bytes == NULL || (*name == 'r' && bytes->len != 1)) {
      answer(connection, "error hexadecimal digits are expected");
    } else {
      if (strcmp(name, "say") == 0) usbtmc_say(device->model, bytes->data, bytes->len);
      if (strcmp(name, "say-on") == 0) usbtmc_say_on(device->model, bytes->data, bytes->len);
      if (*name == 'r') usbtmc_raise(device->model, bytes->data[0]);
      answer(connection, "ok");
    }
    if (bytes != NULL) g_byte_array_unref(bytes);
  } else {
    return false;
  }
  device_changed(device);
  return true;
}

static void obey(struct connection *connection, char *line) {
  char *rest = strchr(line, ' ');
  if (rest != NULL) *rest++ = '\0'; else rest = line + strlen(line);
  if (strcmp(line, "plug") == 0) return plug(connection, rest);
  if (connection->device == NULL) {
    answer(connection, "error plug comes first");
  } else if (strcmp(line, "unplug") == 0) {
    device_unplug(connection->device);
    answer(connection, "ok");
  } else if (strcmp(line, "replug") == 0) {
    char *error = device_plug(connection->device);
    if (error != NULL) answer_error(connection, error); else answer_place(connection);
  } else {
    g_mutex_lock(&emulator_lock);
    if (!obey_locked(connection, line, rest)) answer(connection, "error there is no such command");
    g_mutex_unlock(&emulator_lock);
  }
}

static void obey_all(struct connection *connection) {
  char *end;
  while (connection->wanted == 0
      && (end = memchr(connection->received->str, '\n', connection->received->len)) != NULL) {
    const size_t length = (size_t)(end - connection->received->str);
    char *line = g_strndup(connection->received->str, length);
    g_string_erase(connection->received, 0, (gssize)length + 1);
    obey(connection, line);
    g_free(line);
  }
}

// MARK: Connections

static void close_connection(struct connection *connection) {
  connections = g_list_remove(connections, connection);
  if (connection->device != NULL) {
    g_mutex_lock(&emulator_lock);
    connection->device->on_heard = NULL;
    g_mutex_unlock(&emulator_lock);
    device_free(connection->device);
  }
  if (connection->reading != 0) g_source_remove(connection->reading);
  if (connection->writing != 0) g_source_remove(connection->writing);
  if (connection->hearing != 0) g_source_remove(connection->hearing);
  close(connection->socket);
  g_string_free(connection->received, TRUE);
  g_string_free(connection->to_send, TRUE);
  g_free(connection);
}

static gboolean on_readable(gint descriptor, GIOCondition condition, gpointer context) {
  (void)condition;
  struct connection *connection = context;
  char bytes[65536];
  const ssize_t count = recv(descriptor, bytes, sizeof bytes, 0);
  if (count <= 0) {
    connection->reading = 0;
    close_connection(connection);
    return G_SOURCE_REMOVE;
  }
  g_string_append_len(connection->received, bytes, count);
  obey_all(connection);
  return G_SOURCE_CONTINUE;
}

static gboolean on_connection(gint descriptor, GIOCondition condition, gpointer context) {
  (void)condition;
  (void)context;
  const int socket = accept4(descriptor, NULL, NULL, SOCK_CLOEXEC);
  if (socket < 0) return G_SOURCE_CONTINUE;
  struct connection *connection = g_new0(struct connection, 1);
  connection->socket = socket;
  connection->received = g_string_new(NULL);
  connection->to_send = g_string_new(NULL);
  connection->reading = g_unix_fd_add(socket, G_IO_IN | G_IO_HUP, on_readable, connection);
  connections = g_list_prepend(connections, connection);
  return G_SOURCE_CONTINUE;
}

char *control_listen(const char *path) {
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof address.sun_path) return g_strdup_printf("%s is too long", path);
  strcpy(address.sun_path, path);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0
      || listen(listener, 128) != 0) {
    return g_strdup_printf("%s: %s", path, g_strerror(errno));
  }
  accepting = g_unix_fd_add(listener, G_IO_IN, on_connection, NULL);
  return NULL;
}

void control_close(void) {
  while (connections != NULL) close_connection(connections->data);
  g_source_remove(accepting);
  close(listener);
}

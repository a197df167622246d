// An FTDI adapter, /dev/ttyUSB<n>, in front of a TCP server: a pseudo-terminal
// of umockdev's, with the modem lines that such a one lacks.

#define _GNU_SOURCE
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

struct bridge {
  int terminal, socket;
  // A plug leads RTS back to CTS, and DTR to DSR and DCD.
  int lines;
};

// MARK: Modem lines

static int with_inputs(int lines) {
  return lines | (lines & TIOCM_RTS ? TIOCM_CTS : 0)
      | (lines & TIOCM_DTR ? TIOCM_DSR | TIOCM_CAR : 0);
}

static void modem_ioctl(struct bridge *bridge, gulong request, int *value) {
  const int settable = TIOCM_RTS | TIOCM_DTR;
  switch (request) {
    case TIOCMGET: *value = with_inputs(bridge->lines); break;
    case TIOCMSET: bridge->lines = *value & settable; break;
    case TIOCMBIS: bridge->lines |= *value & settable; break;
    case TIOCMBIC: bridge->lines &= ~*value; break;
  }
}

// On umockdev's thread, the only one that has to do with modem lines.
static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context) {
  (void)base;
  const gulong request = umockdev_ioctl_client_get_request(client);
  int error = 0, result = 0;
  if (request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC) {
    UMockdevIoctlData *memory = umockdev_ioctl_data_resolve(
        umockdev_ioctl_client_get_arg(client), 0, sizeof(int), NULL);
    if (memory != NULL) modem_ioctl(context, request, (int *)memory->data);
    if (memory != NULL) g_object_unref(memory);
  } else {
    // All else is for the pseudo-terminal.
    result = umockdev_ioctl_client_execute(client, &error, NULL);
  }
  umockdev_ioctl_client_complete(client, result, error);
  return TRUE;
}

// MARK: Bytes

// Both ends take all that there is: an instrument's lines are short.
static void forward(int from, int to) {
  char bytes[4096];
  const ssize_t count = read(from, bytes, sizeof bytes);
  for (ssize_t done = 0; done < count;) {
    const ssize_t written = write(to, bytes + done, (size_t)(count - done));
    if (written <= 0) return;
    done += written;
  }
}

static gboolean on_terminal(gint descriptor, GIOCondition condition, gpointer context) {
  const struct bridge *bridge = context;
  forward(descriptor, bridge->socket);
  return condition & G_IO_IN ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean on_socket(gint descriptor, GIOCondition condition, gpointer context) {
  (void)condition;
  const struct bridge *bridge = context;
  char byte;
  if (recv(descriptor, &byte, 1, MSG_PEEK) <= 0) return G_SOURCE_REMOVE;
  forward(descriptor, bridge->terminal);
  return G_SOURCE_CONTINUE;
}

// MARK: The adapter

static char *make_record(int number) {
  char *adapter = g_strdup_printf("/devices/pci0000:00/0000:00:15.0/usb9/9-%d", number + 1);
  char *interface = g_strdup_printf("%s/9-%d:1.0", adapter, number + 1);
  char *record = g_strdup_printf(
      "P: %s\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n"
      "A: busnum=9\\n\nA: devnum=%d\\n\nA: idVendor=0403\\n\nA: idProduct=6001\\n\n"
      "A: manufacturer=FTDI\\n\nA: product=FT232R USB UART\\n\nA: serial=A900%d\\n\n\n"
      "P: %s\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\nA: bInterfaceNumber=00\\n\n\n"
      "P: %s/ttyUSB%d\nE: SUBSYSTEM=usb-serial\n"
      "L: driver=../../../../../../../bus/usb-serial/drivers/ftdi_sio\n\n"
      "P: %s/ttyUSB%d/tty/ttyUSB%d\nN: ttyUSB%d\nE: DEVNAME=/dev/ttyUSB%d\nE: SUBSYSTEM=tty\n"
      "E: MAJOR=188\nE: MINOR=%d\nA: dev=188:%d\\n\nL: device=../../../ttyUSB%d\n",
      adapter, number + 2, number, interface, interface, number, interface, number, number,
      number, number, number, number, number);
  g_free(adapter);
  g_free(interface);
  return record;
}

char *serial_create(const char *options) {
  static int number;
  static const char tcp[] = "tcp=";
  char *host = NULL, *error = NULL;
  int port;
  if (strncmp(options, tcp, strlen(tcp)) != 0
      || !tcp_read_address(options + strlen(tcp), &host, &port)) {
    return g_strdup_printf("tcp=HOST:PORT is expected instead of '%s'", options);
  }
  const int socket = tcp_connect(host, port, &error);
  g_free(host);
  if (socket < 0) return error;
  struct bridge *bridge = g_new0(struct bridge, 1);
  char *record = make_record(number);
  char *node = g_strdup_printf("/dev/ttyUSB%d", number++);
  GError *refused = NULL;
  UMockdevIoctlBase *handler = umockdev_ioctl_base_new();
  g_signal_connect(handler, "handle-ioctl", G_CALLBACK(on_ioctl), bridge);
  umockdev_testbed_attach_ioctl(testbed, node, handler, NULL);
  if (!umockdev_testbed_add_from_string(testbed, record, &refused)) {
    g_error("umockdev refuses %s: %s", node, refused->message);
  }
  bridge->socket = socket;
  bridge->terminal = umockdev_testbed_get_dev_fd(testbed, node);
  // The terminal lives on when no client has it open.
  char *path = ptsname(bridge->terminal);
  if (path == NULL || open(path, O_RDWR | O_NOCTTY | O_CLOEXEC) < 0) {
    error = g_strdup_printf("%s: %s", node, g_strerror(errno));
  }
  g_unix_fd_add(bridge->terminal, G_IO_IN, on_terminal, bridge);
  g_unix_fd_add(socket, G_IO_IN | G_IO_HUP, on_socket, bridge);
  g_free(record);
  g_free(node);
  return error;
}

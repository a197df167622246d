// A testbed of emulated USB devices, and a program that runs in it.
//
// Two threads: umockdev's worker brings the ioctls of the program; the main
// thread has everything else, timers, sockets and the testbed itself. What
// both touch is guarded by one lock, `emulator_lock`. The testbed is only for
// the main thread, without the lock: a client that has to act before it takes
// an event could otherwise wait for the worker, which waits for the lock.

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <umockdev.h>
#include <usbtmc_device.h>

extern UMockdevTestbed *testbed;
extern GMutex emulator_lock;

int64_t milliseconds(void);

// MARK: Devices (device.c)

enum backend { BACKEND_SCPI, BACKEND_PEER, BACKEND_TCP };

// What `KEY=VALUE,...` says about a device.
struct device_options {
  struct usbtmc_options model;
  bool has_driver, is_denied;
  enum backend backend;
  // Of the TCP server.
  char *host;
  int port;
  char *faults;
};

// The error, to be freed, or NULL.
char *device_options_read(struct device_options *options, const char *text);
void device_options_free(struct device_options *options);

// An instrument, plugged in or not.
struct device {
  struct device_options options;
  struct usbtmc_device *model;
  // Its present place on the bus, NULL when unplugged.
  struct node *node;
  guint timer;
  int64_t timer_at;
  // Counted over all the nodes it had.
  long urbs;
  // Of the peer backend: what the host sent, not yet taken; who to tell.
  GByteArray *heard;
  void (*on_heard)(void *context);
  void *heard_context;
  struct line_client *client;
};

// NULL with an error that is to be freed.
struct device *device_create(const char *options, char **error);
void device_free(struct device *device);
// NULL, or an error that is to be freed.
char *device_plug(struct device *device);
void device_unplug(struct device *device);
// With the lock: after anything that may have changed what the device does.
void device_changed(struct device *device);

// MARK: Places on the bus (bus.c), with the lock free

struct place {
  int bus, number;
  char *syspath, *devnode;
};

void place_take(struct place *place);
// The file behind the device node, whose readiness is that of usbfs.
char *place_node_path(const struct place *place);
void place_appear(const struct place *place, const struct device *device);
// Shows in sysfs which driver has the interface; NULL for none.
void place_show_driver(
    const struct place *place, const struct device *device, const char *driver);
void place_disappear(const struct place *place, const struct device *device);

// MARK: usbfs (node.c, urb.c, ioctl.c)

// What is open through one file descriptor of a client.
struct handle {
  struct node *node;
  UMockdevIoctlClient *client;
  // Requests to be reaped.
  GQueue done;
  // Endpoints on which an error has ended a transfer of several requests.
  uint32_t disabled_endpoints;
  // Whose it is; 0 where nobody knows.
  pid_t process;
};

enum { ENDPOINT_QUEUES = 4 };

// A device as it is seen from one plugging in to the next unplugging.
struct node {
  // NULL once unplugged.
  struct device *device;
  struct place place;
  UMockdevIoctlBase *handler;
  int readiness;
  bool is_ready;
  bool is_bound;
  // What sysfs shows.
  const char *shown_driver;
  // Who has claimed the interface.
  struct handle *owner;
  GList *handles;
  // Requests under way: control, bulk-OUT, bulk-IN, interrupt-IN.
  GQueue pending[ENDPOINT_QUEUES];
};

// Whether the process of a handle is gone, or has closed the file.
bool handle_is_orphan(const struct handle *handle);

struct node *node_create(struct device *device);
// The node lives on until no client has it open.
void node_leave(struct node *node, const struct device *device);

struct urb {
  struct handle *handle;
  // The client's memory: the request, and what it sends.
  UMockdevIoctlData *data, *buffer;
  uint8_t type, endpoint;
  unsigned flags;
  size_t length;
  bool is_continuation;
  // What the device sent, before it is the client's.
  uint8_t *received;
  // For the client when it reaps.
  int status;
  size_t actual;
};

// All with the lock. Errors are negative numbers, as the kernel's.
int urb_submit(struct handle *handle, UMockdevIoctlData *data);
int urb_discard(struct handle *handle, gulong address);
int urb_reap(struct handle *handle, UMockdevIoctlData *pointer);
void urb_finish(struct urb *urb, int status, size_t actual);
void urb_free(struct urb *urb);
// Gives the device what is under way, and takes its answers.
void node_pump(struct node *node);
// Whether there may soon be more of what is under way.
bool node_expects_more(const struct node *node);
// Ends what a client, or all if it is NULL, has under way.
void node_cancel(struct node *node, const struct handle *handle, int status);
// Shows which driver has the interface, where that has changed.
void node_show_driver(struct node *node);
// Makes the node's file as ready as it should be.
void node_show_readiness(struct node *node);
bool usbfs_may_use(struct handle *handle);
gboolean usbfs_ioctl(
    UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context);

// MARK: The rest

// A TCP server of lines behind a device (tcp.c).
struct line_client *line_client_create(struct device *device, char **error);
void line_client_free(struct line_client *client);
void line_client_send(struct line_client *client, const uint8_t *bytes, size_t count);
// -1 with an error that is to be freed.
int tcp_connect(const char *host, int port, char **error);
// `HOST:PORT`. False if it is none; the host is to be freed.
bool tcp_read_address(const char *text, char **host, int *port);

// Listens for those who want devices (control.c). NULL, or an error.
char *control_listen(const char *path);
void control_close(void);

// An FTDI adapter in front of a TCP server (serial.c). NULL, or an error.
char *serial_create(const char *options);

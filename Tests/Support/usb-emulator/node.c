#define _GNU_SOURCE
// A device's file in /dev/bus/usb: who has it open, and who has claimed what.

#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// MARK: Readiness

// Clients poll a usbfs file for writing: it is ready when there is something to
// reap. The file is a pipe of one page that the emulator keeps full otherwise.
// Without that every client would be busy all the time, as a plain file is
// always ready.
void node_show_readiness(struct node *node) {
  bool is_ready = false;
  for (GList *entry = node->handles; entry != NULL && !is_ready; entry = entry->next) {
    is_ready = !g_queue_is_empty(&((struct handle *)entry->data)->done);
  }
  if (is_ready == node->is_ready) return;
  node->is_ready = is_ready;
  char byte = 0;
  const ssize_t count =
      is_ready ? read(node->readiness, &byte, 1) : write(node->readiness, &byte, 1);
  if (count != 1) g_warning("the file of a device node: %s", g_strerror(errno));
}

static int make_file(const char *path, bool is_denied) {
  char *folder = g_path_get_dirname(path);
  g_mkdir_with_parents(folder, 0755);
  g_free(folder);
  if (mkfifo(path, 0600) != 0) g_error("mkfifo %s: %s", path, g_strerror(errno));
  const int descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) g_error("%s: %s", path, g_strerror(errno));
  fcntl(descriptor, F_SETPIPE_SZ, (int)sysconf(_SC_PAGESIZE));
  chmod(path, is_denied ? 0 : 0666);
  return descriptor;
}

// MARK: Clients

// umockdev does not tell of a client that was killed; a kernel gives up what
// that had claimed. So who has a file open is looked up in /proc.

static bool is_open_in(const char *process, const char *path) {
  char *folder = g_build_filename("/proc", process, "fd", NULL);
  GDir *descriptors = g_dir_open(folder, 0, NULL);
  bool is_open = false;
  const char *name;
  while (descriptors != NULL && !is_open && (name = g_dir_read_name(descriptors)) != NULL) {
    char *link = g_build_filename(folder, name, NULL);
    char *target = g_file_read_link(link, NULL);
    is_open = target != NULL && strcmp(target, path) == 0;
    g_free(target);
    g_free(link);
  }
  if (descriptors != NULL) g_dir_close(descriptors);
  g_free(folder);
  return is_open;
}

// The process of a new client: the one that has the file open or, of several,
// the one that is known of no other client; 0 where that is not clear.
static pid_t process_of_new(struct node *node) {
  char *path = place_node_path(&node->place);
  GDir *processes = g_dir_open("/proc", 0, NULL);
  pid_t any = 0, unknown = 0;
  int count = 0, unknown_count = 0;
  const char *name;
  while (processes != NULL && (name = g_dir_read_name(processes)) != NULL) {
    const pid_t process = atoi(name);
    if (process <= 0 || process == getpid() || !is_open_in(name, path)) continue;
    any = process;
    count++;
    bool is_known = false;
    for (GList *entry = node->handles; entry != NULL; entry = entry->next) {
      is_known = is_known || ((struct handle *)entry->data)->process == process;
    }
    if (is_known) continue;
    unknown = process;
    unknown_count++;
  }
  if (processes != NULL) g_dir_close(processes);
  g_free(path);
  return count == 1 ? any : unknown_count == 1 ? unknown : 0;
}

bool handle_is_orphan(const struct handle *handle) {
  if (handle->process == 0) return false;
  char *path = place_node_path(&handle->node->place);
  char name[16];
  snprintf(name, sizeof name, "%d", (int)handle->process);
  const bool is_orphan = !is_open_in(name, path);
  g_free(path);
  return is_orphan;
}

// When its handler goes, which clients hold on to: none will come any more.
static void free_node(gpointer context) {
  struct node *node = context;
  close(node->readiness);
  g_free(node->place.syspath);
  g_free(node->place.devnode);
  g_free(node);
}

static void on_connected_changed(UMockdevIoctlClient *client, GParamSpec *spec, gpointer context) {
  (void)spec;
  struct handle *handle = context;
  if (handle->client == NULL || umockdev_ioctl_client_get_connected(client)) return;
  handle->client = NULL;
  g_mutex_lock(&emulator_lock);
  struct node *node = handle->node;
  node_cancel(node, handle, -ENOENT);
  struct urb *urb;
  while ((urb = g_queue_pop_head(&handle->done)) != NULL) urb_free(urb);
  if (node->owner == handle) node->owner = NULL;
  node->handles = g_list_remove(node->handles, handle);
  node_show_readiness(node);
  g_mutex_unlock(&emulator_lock);
  g_free(handle);
}

static void on_client(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context) {
  (void)base;
  struct handle *handle = g_new0(struct handle, 1);
  handle->client = client;
  g_queue_init(&handle->done);
  g_mutex_lock(&emulator_lock);
  handle->node = context;
  handle->process = process_of_new(handle->node);
  handle->node->handles = g_list_prepend(handle->node->handles, handle);
  g_mutex_unlock(&emulator_lock);
  g_object_set_data(G_OBJECT(client), "handle", handle);
  g_signal_connect(client, "notify::connected", G_CALLBACK(on_connected_changed), handle);
}

// MARK: Coming and going

// umockdev ends a program that finds a device's file and cannot connect to the
// socket for its ioctls: others may, too.
static void attach_ioctls(struct node *node) {
  umockdev_testbed_attach_ioctl(testbed, node->place.devnode, node->handler, NULL);
  char *root = umockdev_testbed_get_root_dir(testbed);
  char *path = g_build_filename(root, "ioctl", node->place.devnode, NULL);
  chmod(path, 0777);
  g_free(path);
  g_free(root);
}

struct node *node_create(struct device *device) {
  struct node *node = g_new0(struct node, 1);
  for (int index = 0; index < ENDPOINT_QUEUES; index++) g_queue_init(&node->pending[index]);
  node->is_bound = device->options.has_driver;
  place_take(&node->place);
  node->handler = umockdev_ioctl_base_new();
  g_object_set_data_full(G_OBJECT(node->handler), "node", node, free_node);
  g_signal_connect(node->handler, "client-connected", G_CALLBACK(on_client), node);
  g_signal_connect(node->handler, "handle-ioctl", G_CALLBACK(usbfs_ioctl), node);
  // Ioctls go first: a client that can open the file must be able to use it.
  attach_ioctls(node);
  char *path = place_node_path(&node->place);
  node->readiness = make_file(path, device->options.is_denied);
  g_free(path);
  node->is_ready = true;
  node_show_readiness(node);
  node->device = device;
  return node;
}

void node_leave(struct node *node, const struct device *device) {
  char *path = place_node_path(&node->place);
  unlink(path);
  g_free(path);
  place_disappear(&node->place, device);
  umockdev_testbed_detach_ioctl(testbed, node->place.devnode, NULL);
  g_object_unref(node->handler);
}

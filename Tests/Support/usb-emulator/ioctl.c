// The ioctls of usbfs, with the errors that Linux gives.

#include "emulator.h"

#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <string.h>
#include <sys/ioctl.h>

// MARK: Claims

// A killed process holds nothing any more.
static void drop_orphan(struct node *node) {
  if (node->owner == NULL || !handle_is_orphan(node->owner)) return;
  node_cancel(node, node->owner, -ENOENT);
  node->owner = NULL;
}

static int claim(struct handle *handle) {
  struct node *node = handle->node;
  if (node->owner == handle) return 0;
  drop_orphan(node);
  if (node->owner != NULL || node->is_bound) return -EBUSY;
  node->owner = handle;
  return 0;
}

// Linux claims for who uses an interface without.
bool usbfs_may_use(struct handle *handle) { return claim(handle) == 0; }

static int claim_explicitly(struct handle *handle, unsigned interface) {
  struct device *device = handle->node->device;
  if (interface != device->options.model.interface) return -ENOENT;
  const int result = claim(handle);
  if (result == 0) usbtmc_counters(device->model)->claims++;
  return result;
}

static int release(struct handle *handle, unsigned interface) {
  struct node *node = handle->node;
  if (interface != node->device->options.model.interface) return -ENOENT;
  if (node->owner != handle) return -EINVAL;
  node_cancel(node, handle, -ENOENT);
  node->owner = NULL;
  usbtmc_counters(node->device->model)->releases++;
  return 0;
}

// MARK: The kernel's driver

static const char *driver_of(const struct node *node) {
  return node->owner != NULL ? "usbfs" : node->is_bound ? "usbtmc" : NULL;
}

void node_show_driver(struct node *node) {
  const char *driver = driver_of(node);
  if (driver == node->shown_driver) return;
  node->shown_driver = driver;
  place_show_driver(&node->place, node->device, driver);
}

static int get_driver(const struct node *node, struct usbdevfs_getdriver *answer) {
  if (answer->interface != node->device->options.model.interface) return -EINVAL;
  const char *driver = driver_of(node);
  if (driver == NULL) return -ENODATA;
  strcpy(answer->driver, driver);
  return 0;
}

static int unbind(struct node *node) {
  if (!node->is_bound) return -ENODATA;
  node->is_bound = false;
  usbtmc_counters(node->device->model)->detaches++;
  return 0;
}

// 1 where a driver was found.
static int bind(struct node *node) {
  if (node->is_bound || node->owner != NULL) return -EBUSY;
  if (!node->device->options.has_driver) return 0;
  node->is_bound = true;
  usbtmc_counters(node->device->model)->attaches++;
  return 1;
}

static int driver_ioctl(struct node *node, const struct usbdevfs_ioctl *command) {
  if (command->ifno != node->device->options.model.interface) return -EINVAL;
  switch (command->ioctl_code) {
    case USBDEVFS_DISCONNECT: return unbind(node);
    case USBDEVFS_CONNECT: return bind(node);
    default: return -ENOTTY;
  }
}

static int disconnect_claim(struct handle *handle, const struct usbdevfs_disconnect_claim *claimed) {
  struct node *node = handle->node;
  if (claimed->interface != node->device->options.model.interface) return -EINVAL;
  if (node->owner != handle) drop_orphan(node);
  const char *driver = driver_of(node);
  if (driver != NULL) {
    const bool is_named = strcmp(driver, claimed->driver) == 0;
    if (claimed->flags & USBDEVFS_DISCONNECT_CLAIM_IF_DRIVER && !is_named) return -EBUSY;
    if (claimed->flags & USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER && is_named) return -EBUSY;
    if (node->is_bound) unbind(node);
    node->owner = NULL;
  }
  return claim_explicitly(handle, claimed->interface);
}

// MARK: The device

static int set_configuration(struct node *node, int configuration) {
  if (node->owner != NULL || node->is_bound) return -EBUSY;
  if (configuration != 1 && configuration != -1) return -EINVAL;
  usbtmc_counters(node->device->model)->set_configuration++;
  usbtmc_configured(node->device->model);
  return 0;
}

static int set_interface(struct handle *handle, const struct usbdevfs_setinterface *setting) {
  struct device *device = handle->node->device;
  if (setting->interface != device->options.model.interface) return -ENOENT;
  if (!usbfs_may_use(handle)) return -EBUSY;
  if (setting->altsetting != 0) return -EINVAL;
  usbtmc_counters(device->model)->set_interface++;
  usbtmc_configured(device->model);
  return 0;
}

static int clear_halt(struct handle *handle, unsigned endpoint) {
  struct usbtmc_device *model = handle->node->device->model;
  const bool has_interrupt = handle->node->device->options.model.has_interrupt;
  if (endpoint != USBTMC_BULK_OUT && endpoint != USBTMC_BULK_IN
      && !(has_interrupt && endpoint == USBTMC_INTERRUPT_IN)) {
    return -ENOENT;
  }
  if (!usbfs_may_use(handle)) return -EBUSY;
  usbtmc_clear_halt(model, (uint8_t)endpoint);
  return 0;
}

static int reset(struct node *node) {
  node_cancel(node, NULL, -ESHUTDOWN);
  usbtmc_reset(node->device->model);
  return 0;
}

// MARK: All

// A request of which the argument is `memory`, or an address alone.
static int perform(
    struct handle *handle, gulong request, gulong address, UMockdevIoctlData *memory) {
  struct node *node = handle->node;
  if (request == USBDEVFS_REAPURBNDELAY) return urb_reap(handle, memory);
  if (node->device == NULL) return -ENODEV;
  usbtmc_set_time(node->device->model, milliseconds());
  void *argument = memory != NULL ? memory->data : NULL;
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
      // No scatter-gather: libusb then makes requests of 16 KiB, which is the
      // harder case.
      *(uint32_t *)argument = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION
          | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
      return 0;
    case USBDEVFS_SUBMITURB: return urb_submit(handle, memory);
    case USBDEVFS_DISCARDURB: return urb_discard(handle, address);
    case USBDEVFS_CLAIMINTERFACE: return claim_explicitly(handle, *(unsigned *)argument);
    case USBDEVFS_RELEASEINTERFACE: return release(handle, *(unsigned *)argument);
    case USBDEVFS_GETDRIVER: return get_driver(node, argument);
    case USBDEVFS_IOCTL: return driver_ioctl(node, argument);
    case USBDEVFS_DISCONNECT_CLAIM: return disconnect_claim(handle, argument);
    case USBDEVFS_SETCONFIGURATION: return set_configuration(node, *(int *)argument);
    case USBDEVFS_SETINTERFACE: return set_interface(handle, argument);
    case USBDEVFS_CLEAR_HALT: return clear_halt(handle, *(unsigned *)argument);
    case USBDEVFS_RESET: return reset(node);
    default: return -ENOTTY;
  }
}

gboolean usbfs_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context) {
  (void)base;
  struct node *node = context;
  struct handle *handle = g_object_get_data(G_OBJECT(client), "handle");
  const gulong request = umockdev_ioctl_client_get_request(client);
  UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
  const gulong address = *(gulong *)argument->data;
  // Fetching what the client has may take its time: not with the lock.
  const size_t size = _IOC_SIZE(request);
  UMockdevIoctlData *memory =
      size > 0 ? umockdev_ioctl_data_resolve(argument, 0, size, NULL) : NULL;
  int result = -EFAULT;
  if (size == 0 || memory != NULL) {
    g_mutex_lock(&emulator_lock);
    result = perform(handle, request, address, memory);
    if (node->device != NULL) {
      device_changed(node->device);
      node_show_driver(node);
    }
    node_show_readiness(node);
    g_mutex_unlock(&emulator_lock);
  }
  if (memory != NULL) g_object_unref(memory);
  umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
  return TRUE;
}

// An emulated device: the model, who is behind it, and its comings and goings.

#include "emulator.h"

int64_t milliseconds(void) { return g_get_monotonic_time() / 1000; }

// MARK: What the host says

static void hear(void *context, const uint8_t *message, size_t count) {
  struct device *device = context;
  if (device->client != NULL) {
    line_client_send(device->client, message, count);
    return;
  }
  g_byte_array_append(device->heard, message, (guint)count);
  if (device->on_heard != NULL) device->on_heard(device->heard_context);
}

// MARK: Making one

struct device *device_create(const char *text, char **error) {
  struct device *device = g_new0(struct device, 1);
  *error = device_options_read(&device->options, text);
  if (*error != NULL) {
    g_free(device);
    return NULL;
  }
  struct usbtmc_options *options = &device->options.model;
  if (device->options.backend != BACKEND_SCPI) options->hear = hear;
  options->context = device;
  device->model = usbtmc_create(options);
  device->heard = g_byte_array_new();
  device->timer_at = -1;
  usbtmc_set_time(device->model, milliseconds());
  if (device->options.faults != NULL) {
    *error = g_strdup(usbtmc_set_faults(device->model, device->options.faults));
  }
  if (*error == NULL) return device;
  device_free(device);
  return NULL;
}

void device_free(struct device *device) {
  device_unplug(device);
  g_mutex_lock(&emulator_lock);
  if (device->timer != 0) g_source_remove(device->timer);
  g_mutex_unlock(&emulator_lock);
  usbtmc_destroy(device->model);
  g_byte_array_unref(device->heard);
  device_options_free(&device->options);
  g_free(device);
}

// MARK: Time

// When a device leaves by itself and comes back.
static void leave(struct device *device, int64_t back_after);

static gboolean on_timer(gpointer context) {
  struct device *device = context;
  g_mutex_lock(&emulator_lock);
  // The other thread may have set another one while this waited for the lock.
  if (g_source_is_destroyed(g_main_current_source())) {
    g_mutex_unlock(&emulator_lock);
    return G_SOURCE_REMOVE;
  }
  device->timer = 0;
  device->timer_at = -1;
  usbtmc_set_time(device->model, milliseconds());
  int64_t back_after;
  const bool leaves = usbtmc_leaves(device->model, &back_after);
  if (!leaves && device->node != NULL) node_pump(device->node);
  if (!leaves) device_changed(device);
  g_mutex_unlock(&emulator_lock);
  if (leaves) leave(device, back_after);
  return G_SOURCE_REMOVE;
}

static gboolean on_back(gpointer context) {
  struct device *device = context;
  g_mutex_lock(&emulator_lock);
  device->timer = 0;
  g_mutex_unlock(&emulator_lock);
  char *error = device_plug(device);
  if (error != NULL) g_warning("a device does not come back: %s", error);
  g_free(error);
  return G_SOURCE_REMOVE;
}

static void leave(struct device *device, int64_t back_after) {
  device_unplug(device);
  if (back_after < 0) return;
  g_mutex_lock(&emulator_lock);
  device->timer = g_timeout_add((guint)back_after, on_back, device);
  g_mutex_unlock(&emulator_lock);
}

void device_changed(struct device *device) {
  enum { PATIENCE = 2 };
  if (device->node == NULL) return;
  const bool waits = node_expects_more(device->node);
  if (!waits) node_pump(device->node);
  node_show_readiness(device->node);
  int64_t at = usbtmc_wakes_at(device->model);
  const int64_t waits_until = milliseconds() + PATIENCE;
  if (waits && (at < 0 || at > waits_until)) at = waits_until;
  const bool is_soon_enough = waits && device->timer_at >= 0 && device->timer_at <= at;
  if (at == device->timer_at || is_soon_enough) return;
  if (device->timer != 0) g_source_remove(device->timer);
  device->timer = 0;
  device->timer_at = at;
  if (at < 0) return;
  const int64_t delay = at - milliseconds();
  device->timer = g_timeout_add(delay > 0 ? (guint)delay : 0, on_timer, device);
}

// MARK: Coming and going

char *device_plug(struct device *device) {
  if (device->node != NULL) return g_strdup("the device is plugged in");
  if (device->options.backend == BACKEND_TCP) {
    char *error = NULL;
    struct line_client *client = line_client_create(device, &error);
    if (client == NULL) return error;
    device->client = client;
  }
  struct node *node = node_create(device);
  g_mutex_lock(&emulator_lock);
  if (device->timer != 0) g_source_remove(device->timer);
  device->timer = 0;
  device->timer_at = -1;
  usbtmc_set_time(device->model, milliseconds());
  usbtmc_replugged(device->model);
  device->node = node;
  g_mutex_unlock(&emulator_lock);
  place_appear(&node->place, device);
  node_show_driver(node);
  return NULL;
}

void device_unplug(struct device *device) {
  g_mutex_lock(&emulator_lock);
  struct node *node = device->node;
  device->node = NULL;
  if (node != NULL) {
    node->device = NULL;
    node_cancel(node, NULL, -ESHUTDOWN);
    node_show_readiness(node);
  }
  g_mutex_unlock(&emulator_lock);
  if (node != NULL) node_leave(node, device);
  if (device->client != NULL) {
    line_client_free(device->client);
    device->client = NULL;
  }
}

// Runs a program among emulated USB devices, unmodified:
//
//   umockdev-wrapper usb-emulator [--usbtmc KEY=VALUE,...]... \
//     [--serial tcp=HOST:PORT]... -- PROGRAM ARGUMENTS...
//
// and exits as it does. The program finds in SALTIRE_USB_EMULATOR the path of a
// socket on which it can plug in devices of its own: see control.c. Keys:
//
//   vid, pid          hexadecimal, 1209 and 7e57 if not given
//   serial, manufacturer, product
//   interface         the interface's number, 0 if not given
//   packet            64 or 512: wMaxPacketSize of the bulk endpoints
//   interrupt, usb488 yes or no
//   driver            usbtmc or none: whether the kernel's driver is bound
//   mode=denied       the device's file cannot be opened, but by root
//   backend           scpi: the built-in instrument; peer: who made the device
//                     by the socket; tcp:HOST:PORT: a server of lines
//   faults            a fault plan: see faults.c of the model

#define _GNU_SOURCE
#include "emulator.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69 };

UMockdevTestbed *testbed;
GMutex emulator_lock;

// A private folder, and in it the socket for clients.
static char *folder, *path;
static GMainLoop *loop;
static volatile pid_t child;
static int child_status;

static void clean_up(void) {
  if (path != NULL) g_unlink(path);
  if (folder != NULL) g_rmdir(folder);
  if (testbed != NULL) g_object_unref(testbed);
}

G_GNUC_PRINTF(2, 3) G_NORETURN
static void fail(int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("usb-emulator: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  clean_up();
  exit(status);
}

// MARK: The program

// What the terminal sends, the program has got as well.
static void pass_on(int number, siginfo_t *information, void *context) {
  (void)context;
  if (child > 0 && information->si_code <= 0) kill(child, number);
}

static void on_exit_of_child(GPid pid, gint status, gpointer context) {
  (void)pid;
  (void)context;
  child = 0;
  child_status = status;
  g_main_loop_quit(loop);
}

static void run(char **arguments) {
  struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART };
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  // umockdev's library yields by sleeping for no time after every ioctl, which
  // takes as long as timers are late: 50 us if nothing is said.
  prctl(PR_SET_TIMERSLACK, 1);
  pid_t pid;
  const int error = posix_spawnp(&pid, arguments[0], NULL, NULL, arguments, environ);
  if (error != 0) fail(127, "%s: %s", arguments[0], g_strerror(error));
  child = pid;
  loop = g_main_loop_new(NULL, FALSE);
  g_child_watch_add(pid, on_exit_of_child, NULL);
  g_main_loop_run(loop);
  g_main_loop_unref(loop);
}

// MARK: The testbed

static void make_testbed(void) {
  testbed = umockdev_testbed_new();
  // The answer is kept from the first call on, and right only from here on.
  if (!umockdev_in_mock_environment()) fail(EXIT_USAGE, "to be run by umockdev-wrapper");
  // Others than who made it shall find devices too, if only that they may not
  // open them: libusb makes a socket there, to hear of devices.
  char *root = umockdev_testbed_get_root_dir(testbed);
  chmod(root, 0777);
  g_free(root);
}

static struct device *make_device(const char *options) {
  char *error = NULL;
  struct device *device = device_create(options, &error);
  if (device == NULL) fail(EXIT_USAGE, "--usbtmc: %s", error);
  error = device_plug(device);
  if (error != NULL) fail(EXIT_UNAVAILABLE, "--usbtmc: %s", error);
  return device;
}

int main(int count, char **arguments) {
  int index = 1;
  GList *devices = NULL;
  make_testbed();
  for (; index + 1 < count && strcmp(arguments[index], "--") != 0; index += 2) {
    char *error = NULL;
    if (strcmp(arguments[index], "--usbtmc") == 0) {
      devices = g_list_prepend(devices, make_device(arguments[index + 1]));
    } else if (strcmp(arguments[index], "--serial") == 0) {
      error = serial_create(arguments[index + 1]);
    } else {
      fail(EXIT_USAGE, "there is no option '%s'", arguments[index]);
    }
    if (error != NULL) fail(EXIT_UNAVAILABLE, "--serial: %s", error);
  }
  if (index + 1 >= count) fail(EXIT_USAGE, "-- PROGRAM ARGUMENTS is expected");

  folder = g_dir_make_tmp("usb-emulator-XXXXXX", NULL);
  if (folder == NULL) fail(EXIT_UNAVAILABLE, "no temporary folder: %s", g_strerror(errno));
  path = g_build_filename(folder, "socket", NULL);
  char *error = control_listen(path);
  if (error != NULL) fail(EXIT_UNAVAILABLE, "%s", error);
  g_setenv("SALTIRE_USB_EMULATOR", path, TRUE);

  run(arguments + index + 1);

  control_close();
  g_list_free_full(devices, (GDestroyNotify)device_free);
  clean_up();
  return WIFEXITED(child_status) ? WEXITSTATUS(child_status) : 128 + WTERMSIG(child_status);
}

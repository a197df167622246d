"""Debian's kernel and the few modules that the tests need, kept for the next time."""

import hashlib
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
FOLDER = CACHE / "saltire" / "kernel"

# In the order in which they need each other. What the kernel has built in is
# not there as a file.
MODULES = """
virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_console
netfs fscache 9pnet 9pnet_virtio 9p
usb-common usbcore xhci-hcd xhci-pci usbserial ftdi_sio usbtmc
configfs udc-core libcomposite usb_f_fs dummy_hcd usbip-core vhci-hcd
""".split()


def newest():
    """Name and version of the package that linux-image-amd64 stands for."""
    shown = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", "linux-image-amd64"],
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"^Depends: (linux-image-\S+) \(= (\S+)\)", shown, re.MULTILINE)
    return found.groups() if found else None


def unpack(package, version, folder):
    """Downloads the package, which apt checks, and takes from it what is needed."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as work:
        # As the user that asks, whose folder this is, and not as one of apt's own.
        arguments = ["-q", "-o", "APT::Sandbox::User=root", "download"]
        subprocess.run(["apt-get", *arguments, f"{package}={version}"], cwd=work, check=True)
        (archive,) = pathlib.Path(work).glob("*.deb")
        root = pathlib.Path(work) / "root"
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        (image,) = (root / "boot").glob("vmlinuz-*")
        result = pathlib.Path(work) / "result"
        (result / "modules").mkdir(parents=True)
        # QEMU starts an ELF image at once; the compressed one would first
        # unpack itself, slowly.
        packed = image.read_bytes()
        start = packed.index(b"\xfd7zXZ\0")
        vmlinux = lzma.LZMADecompressor().decompress(packed[start:])
        (result / "vmlinux").write_bytes(vmlinux)
        for name in MODULES:
            for path in root.glob(f"lib/modules/*/kernel/**/{name}.ko"):
                shutil.copy(path, result / "modules")
        result.rename(folder)


def entry(name, mode, data=b""):
    """A file in the format of cpio, `newc`."""
    name = name.encode() + b"\0"
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def pack(folder):
    """The contents of the initial file system."""
    folders = ["bin", "dev", "modules", "proc", "sys"]
    files = [entry(name, 0o040755) for name in folders]
    files.append(entry("init", 0o100755, (HERE / "init").read_bytes()))
    files.append(entry("bin/busybox", 0o100755, pathlib.Path("/bin/busybox").read_bytes()))
    present = [name for name in MODULES if (folder / "modules" / f"{name}.ko").exists()]
    files.append(entry("modules/order", 0o100644, "\n".join(present).encode()))
    for name in present:
        data = (folder / "modules" / f"{name}.ko").read_bytes()
        files.append(entry(f"modules/{name}.ko", 0o100644, data))
    files.append(entry("TRAILER!!!", 0))
    return b"".join(files)


def prepare():
    """Paths of a kernel and an initial file system for it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256(" ".join(MODULES).encode()).hexdigest()[:12]
    package = newest()
    if package:
        folder = FOLDER / f"{package[0]}_{package[1]}_{wanted}"
        if not folder.exists():
            unpack(*package, folder)
    else:
        # apt knows nothing, where its lists are gone: what there is will do.
        known = sorted(FOLDER.glob(f"linux-image-*_{wanted}"), key=os.path.getmtime)
        if not known:
            raise SystemExit("apt knows no package linux-image-amd64: run apt-get update")
        folder = known[-1]
    files = pack(folder)
    initramfs = folder / f"initramfs-{hashlib.sha256(files).hexdigest()[:12]}.cpio"
    if not initramfs.exists():
        for old in folder.glob("initramfs-*"):
            old.unlink()
        initramfs.write_bytes(files)
    return folder / "vmlinux", initramfs

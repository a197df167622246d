import Foundation
import SaltireCore

/// A disk whose power may fail at any moment, as strictly as POSIX allows.
///
/// What a file holds is sure once it was synced; that it has its name, or that
/// a removed one has not, once its folder was. Of anything else each part may
/// be there or not, in any order, a sector at a time.
struct FailingDisk {
  /// What is left of what was not synced.
  enum Loss {
    /// Nothing.
    case all
    /// What was done first.
    case tail
    /// Anything: of every write each sector by itself.
    case some
  }

  private struct File {
    var sure: [UInt8] = []
    var pending: [DiskLog.Event] = []
  }

  private static let sector = 512

  private var files: [File] = []
  private var names: [String: Int] = [:]
  private var sureNames: [String: Int] = [:]

  /// Does what the log says.
  mutating func perform(_ event: DiskLog.Event) {
    switch event {
    case .send, .hang: break
    case .create(let path):
      files.append(File())
      names[path] = files.count - 1
    case .write(let path, _, _), .truncate(let path, _):
      if let index = names[path] { files[index].pending.append(event) }
    case .remove(let path): names[path] = nil
    case .link(let path, let second): names[second] = names[path]
    case .sync(let path):
      if let index = names[path] {
        for change in files[index].pending { Self.apply(change, to: &files[index].sure) }
        files[index].pending = []
      } else {
        let isHere = { (name: String) in name.hasPrefix(path + "/") }
        sureNames = sureNames.filter { !isHere($0.key) }
        for (name, index) in names where isHere(name) { sureNames[name] = index }
      }
    }
  }

  /// The files as programs see them while there is power, by path.
  var seen: [String: [UInt8]] {
    names.mapValues { index in
      files[index].pending.reduce(into: files[index].sure) { Self.apply($1, to: &$0) }
    }
  }

  /// The files as they are found after a power cut now, by path.
  func left(_ loss: Loss, _ random: inout RandomStream) -> [String: [UInt8]] {
    var found: [String: Int] = sureNames
    if loss != .all {
      for name in Set(names.keys).union(sureNames.keys).sorted() where random.uniform() < 0.5 {
        found[name] = names[name]
      }
    }
    var contents: [String: [UInt8]] = [:]
    for (name, index) in found.sorted(by: { $0.key < $1.key }) {
      var bytes = files[index].sure
      let pending = files[index].pending
      switch loss {
      case .all: break
      case .tail:
        for change in pending.prefix(Int(random.uniform() * Double(pending.count + 1))) {
          Self.apply(change, to: &bytes)
        }
      case .some:
        for change in pending { Self.tear(change, into: &bytes, &random) }
      }
      contents[name] = bytes
    }
    return contents
  }

  private static func apply(_ change: DiskLog.Event, to bytes: inout [UInt8]) {
    switch change {
    case .write(_, let offset, let new):
      if bytes.count < offset + new.count {
        bytes += [UInt8](repeating: 0, count: offset + new.count - bytes.count)
      }
      bytes.replaceSubrange(offset..<offset + new.count, with: new)
    case .truncate(_, let length):
      if length < bytes.count {
        bytes.removeLast(bytes.count - length)
      } else {
        bytes += [UInt8](repeating: 0, count: length - bytes.count)
      }
    case .create, .sync, .remove, .link, .send, .hang: break
    }
  }

  private static func tear(
    _ change: DiskLog.Event, into bytes: inout [UInt8], _ random: inout RandomStream
  ) {
    guard case .write(let path, let offset, let new) = change else {
      if random.uniform() < 0.5 { apply(change, to: &bytes) }
      return
    }
    var position = offset
    while position < offset + new.count {
      let end = min((position / sector + 1) * sector, offset + new.count)
      if random.uniform() < 0.5 {
        let part = Array(new[position - offset..<end - offset])
        apply(.write(path, offset: position, bytes: part), to: &bytes)
      }
      position = end
    }
  }
}

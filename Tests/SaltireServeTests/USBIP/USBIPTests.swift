import FoundationEssentials
import SaltireCore
import SaltireInstruments
import SaltireLinks
import TestRigs
import Testing

@testable import SaltireServe
@testable import SaltireSimulation

/// A simulated instrument as a USB device, byte by byte as a kernel speaks to it.
@Suite struct USBIPTests {
  private final class Client {
    let device: USBIPDevice
    private let answer: ([UInt8]) -> [UInt8]?
    private var sequence: UInt32 = 0
    private var replies: [UInt8] = []
    private(set) var isDropped = false

    init(_ device: USBIPDevice) {
      self.device = device
      answer = device.connection()
    }

    func send(_ bytes: [UInt8], pieces: Int = .max) {
      var rest = bytes[...]
      while !rest.isEmpty, !isDropped {
        if let reply = answer(Array(rest.prefix(pieces))) {
          replies += reply
        } else {
          isDropped = true
        }
        rest = rest.dropFirst(pieces)
      }
    }

    func take(_ count: Int) -> [UInt8] {
      defer { replies.removeFirst(min(count, replies.count)) }
      return Array(replies.prefix(count))
    }

    /// Whether it is attached.
    func attach(_ name: String = "1-1") -> Bool {
      send(
        [1, 0x11, 0x80, 3, 0, 0, 0, 0] + Array(name.utf8)
          + [UInt8](repeating: 0, count: 32 - name.utf8.count))
      let isDone = take(8)[7] == 0
      if isDone { #expect(take(312).count == 312) }
      return isDone
    }

    /// The number of a request that is only sent.
    @discardableResult
    func submit(
      _ endpoint: UInt8, input: Bool, _ data: [UInt8] = [], length: Int? = nil,
      setup: [UInt8] = [UInt8](repeating: 0, count: 8), pieces: Int = .max
    ) -> UInt32 {
      sequence += 1
      let numbers: [UInt32] = [
        1, sequence, 1 << 16 | 2, input ? 1 : 0, UInt32(endpoint), 0, UInt32(length ?? data.count),
        0, 0, 0,
      ]
      send(numbers.flatMap(Self.bytes) + setup + data, pieces: pieces)
      return sequence
    }

    func unlink(_ other: UInt32) -> Int32 {
      sequence += 1
      send(
        [2, sequence, 1 << 16 | 2, 0, 0, other].flatMap(Self.bytes)
          + [UInt8](repeating: 0, count: 24))
      let reply = take(48)
      #expect(Self.number(reply, 0) == 4 && Self.number(reply, 4) == sequence)
      return Int32(bitPattern: Self.number(reply, 20))
    }

    /// The next reply: the request it is for, its status and its data.
    func reply(input: Bool = true) -> (sequence: UInt32, status: Int32, data: [UInt8])? {
      let head = take(48)
      guard head.count == 48 else { return nil }
      let count = Int(Self.number(head, 24))
      return (
        Self.number(head, 4), Int32(bitPattern: Self.number(head, 20)), input ? take(count) : []
      )
    }

    func control(_ setup: [UInt8], length: Int) -> [UInt8]? {
      submit(0, input: true, length: length, setup: setup)
      guard let reply = reply(), reply.status == 0 else { return nil }
      return reply.data
    }

    /// A message, and what comes of it.
    func ask(_ text: String, room: Int = 4096, size: Int = 4000, pieces: Int = .max) -> String? {
      submit(1, input: false, message(text), pieces: pieces)
      guard reply(input: false)?.status == 0 else { return nil }
      submit(1, input: false, request(size))
      guard reply(input: false)?.status == 0 else { return nil }
      var bytes: [UInt8] = []
      repeat {
        submit(2, input: true, length: room)
        guard let part = reply(), part.status == 0 else { return nil }
        bytes += part.data
        if part.data.count < room { break }
      } while true
      let length = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
      return String(decoding: bytes[12..<(12 + length)], as: UTF8.self)
    }

    func message(_ text: String, tag: UInt8 = 1, isEnd: Bool = true) -> [UInt8] {
      let content = Array(text.utf8)
      let size = (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) }
      let padding = [UInt8](repeating: 0, count: (4 - content.count % 4) % 4)
      return [1, tag, ~tag, 0] + size + [isEnd ? 1 : 0, 0, 0, 0] + content + padding
    }

    func request(_ count: Int, tag: UInt8 = 2) -> [UInt8] {
      [2, tag, ~tag, 0] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + [
        0, 0, 0, 0,
      ]
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
      (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    private static func number(_ bytes: [UInt8], _ place: Int) -> UInt32 {
      bytes[place..<(place + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  /// A 2636B with nothing on its channels.
  private static func device() throws -> USBIPDevice {
    let library = InstrumentLibrary(folder: Shipped.root.appendingPathComponent("instruments"))
    let (definition, model) = try #require(library.find("keithley/2636b"))
    let plan = LabPlan(instruments: [
      .init(name: "smu", definition: definition, model: model, nodes: [:])
    ])
    let lab = SimulatedLab(plan, seed: 1)
    let identity = USBTMCFunction.Identity(
      kind: USBIdentifier(vendor: 0x05E6, product: 0x2636), manufacturer: "Saltire",
      product: "2636B",
      serial: "SIM1001")
    return USBIPDevice(USBTMCFunction(identity) { lab.receive($0, at: "smu") ?? [] })
  }

  /// A host that asks and never reads, or has more reads waiting than any kernel.
  @Test func whatWaitsHasBounds() throws {
    let client = Client(try Self.device())
    #expect(client.attach())
    for _ in 0..<2000 where !client.isDropped { client.submit(2, input: true, length: 512) }
    #expect(client.isDropped)
    var function = USBTMCFunction(
      .init(
        kind: USBIdentifier(vendor: 1, product: 2), manufacturer: "", product: "", serial: "")
    ) { _ in [65, 10] }
    let message: [UInt8] = [1, 1, 0xFE, 0, 1, 0, 0, 0, 1, 0, 0, 0, 10]
    var taken = 0
    while taken < 2000, function.take(message) { taken += 1 }
    #expect(taken == 64)
    // As it is before: a clear makes room.
    let cleared = function.control([0xA1, 5, 0, 0, 0, 0, 1, 0])
    let isTaken = function.take(message)
    #expect(cleared == [1] && isTaken)
  }

  @Test func aDeviceIsListedAndAttachedOnce() throws {
    let device = try Self.device()
    let looking = Client(device)
    looking.send([1, 0x11, 0x80, 5, 0, 0, 0, 0])
    let list = looking.take(1000)
    #expect(list.count == 12 + 312 + 4)
    #expect(Array(list[312..<316]) == [0x05, 0xE6, 0x26, 0x36])
    #expect(Array(list.suffix(4)) == [0xFE, 3, 0, 0])
    var first: Client? = Client(device)
    #expect(first?.attach("2-2") == false)
    #expect(first?.attach() == true)
    #expect(!Client(device).attach())
    first = nil
    #expect(Client(device).attach())
  }

  /// Descriptors are as long as they say, and name the serial number.
  @Test func itTellsWhatItIs() throws {
    let client = Client(try Self.device())
    #expect(client.attach())
    let device = try #require(client.control([0x80, 6, 0, 1, 0, 0, 64, 0], length: 64))
    #expect(device.count == 18 && Array(device[8..<12]) == [0xE6, 0x05, 0x36, 0x26])
    let configuration = try #require(client.control([0x80, 6, 0, 2, 0, 0, 255, 0], length: 255))
    #expect(configuration.count == 32 && configuration[2] == 32)
    #expect(client.control([0x80, 6, 0, 2, 0, 0, 9, 0], length: 9)?.count == 9)
    let serial = try #require(client.control([0x80, 6, device[16], 3, 9, 4, 255, 0], length: 255))
    #expect(stride(from: 2, to: serial.count, by: 2).map { serial[$0] } == Array("SIM1001".utf8))
    #expect(client.control([0xA1, 7, 0, 0, 0, 0, 24, 0], length: 24)?.count == 24)
    // What it has not is refused, and the next is answered.
    #expect(client.control([0x80, 6, 0, 6, 0, 0, 10, 0], length: 10) == nil)
    #expect(client.control([0xA1, 128, 2, 0, 0, 0, 3, 0], length: 3) == nil)
    #expect(client.control([0x80, 8, 0, 0, 0, 0, 1, 0], length: 1) == [1])
  }

  /// Questions are answered whole, however the bytes come and however little
  /// is asked for at once.
  @Test(arguments: [1, 7, 100, Int.max])
  func itAnswers(pieces: Int) throws {
    let client = Client(try Self.device())
    #expect(client.attach())
    let identity = try #require(client.ask("*IDN?\n", pieces: pieces))
    #expect(identity == "Keithley Instruments Inc., Model 2636B, SIM1001, 3.3.5\n")
    #expect(client.ask("print(smua.source.rangev)", pieces: pieces) == "2.00000e-01\n")
    // A reply of 500 bytes is a transfer of one packet: it ends with an empty one.
    for count in [499, 500, 501, 1012] {
      let reply = client.ask("print(string.rep('x', \(count - 1)))", room: 512, size: 4096)
      #expect(reply?.count == count)
    }
    #expect(client.ask("print('abcdef')", size: 3) == "abc")
    client.submit(1, input: false, client.request(100, tag: 9))
    #expect(client.reply(input: false)?.status == 0)
    client.submit(2, input: true, length: 512)
    #expect(client.reply().map { Array($0.data[12..<16]) } == Array("def\n".utf8))
  }

  /// A question that is not answered can be given up, and asked again.
  @Test func whatHangsIsGivenUp() throws {
    let client = Client(try Self.device())
    #expect(client.attach())
    client.submit(1, input: false, client.request(100, tag: 5))
    #expect(client.reply(input: false)?.status == 0)
    let read = client.submit(2, input: true, length: 512)
    #expect(client.reply() == nil)
    #expect(client.unlink(read) == -104 && client.unlink(read) == 0)
    #expect(client.control([0xA2, 3, 5, 0, 0x82, 0, 2, 0], length: 2) == [1, 5])
    #expect(client.control([0xA2, 3, 5, 0, 0x82, 0, 2, 0], length: 2) == [0x81, 5])
    #expect(client.control([0xA1, 5, 0, 0, 0, 0, 1, 0], length: 1) == [1])
    #expect(client.control([0xA1, 6, 0, 0, 0, 0, 2, 0], length: 2) == [1, 0])
    #expect(client.ask("print(1)") == "1.00000e+00\n")
  }

  /// A transfer that is none halts the endpoint until that is cleared.
  @Test func nonsenseIsRefused() throws {
    let client = Client(try Self.device())
    #expect(client.attach())
    client.submit(1, input: false, [9, 1, 254, 0] + [UInt8](repeating: 0, count: 12))
    #expect(client.reply(input: false)?.status == -32)
    client.submit(1, input: false, client.message("print(1)"))
    #expect(client.reply(input: false)?.status == -32)
    #expect(client.control([0x02, 1, 0, 0, 1, 0, 0, 0], length: 0) == [])
    #expect(client.ask("print(1)") == "1.00000e+00\n")
  }

  /// Whatever comes, it neither stops nor answers without end.
  @Test func noBytesBreakIt() throws {
    for seed in 1...200 as ClosedRange<UInt64> {
      var random = RandomStream(seed: seed, name: "usbip")
      let client = Client(try Self.device())
      if seed % 2 == 0 { #expect(client.attach()) }
      for _ in 0..<40 where !client.isDropped {
        var bytes = (0..<48).map { _ in UInt8(random.uniform() * 256) }
        // Often almost right.
        if random.uniform() < 0.7 {
          bytes.replaceSubrange(0..<4, with: [0, 0, 0, UInt8(1 + random.uniform() * 2)])
          bytes.replaceSubrange(
            12..<28,
            with: [
              0, 0, 0, UInt8(random.uniform() * 2), 0, 0, 0, UInt8(random.uniform() * 3), 0, 0, 0,
              0, 0, 0, 0, UInt8(random.uniform() * 64),
            ])
        }
        client.send(bytes)
        #expect(client.take(.max / 2).count < 1 << 16)
      }
    }
  }
}

/// A named wire of the bench: a row, the drain of a column, or a gate.
public struct Terminal: Sendable, Hashable, Codable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  public var name: String

  public init(_ name: String) { self.name = name }

  public init(stringLiteral value: String) { name = value }

  public var description: String { name }
}

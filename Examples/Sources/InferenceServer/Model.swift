import Avow

/// A small network of dense layers, uploaded as bytes: what the server holds and runs.
struct Model {
  /// Why uploaded bytes are no model.
  enum Problem: Error { case truncated, empty }

  let name: String
  /// The size of the upload.
  let size: Int
  /// SHA-256 of the upload: in hardware mode the client compares it with what it sent.
  let measurement: [UInt8]
  private let layers: [[Float]]
  private let width: Int

  /// Reads a model: a width, then `width * width` weights for each layer, one signed byte each.
  init(name: String, bytes: [UInt8]) throws(Problem) {
    guard let width = bytes.first.map({ Int($0) }), width > 0 else { throw .empty }
    let weights = bytes.dropFirst().map { Float(Int8(bitPattern: $0)) / 64 }
    guard !weights.isEmpty, weights.count % (width * width) == 0 else { throw .truncated }
    self.name = name
    self.width = width
    size = bytes.count
    measurement = SHA256.hash(bytes)
    layers = stride(from: 0, to: weights.count, by: width * width).map {
      Array(weights[$0..<$0 + width * width])
    }
  }

  /// Runs the model on an input, cut or filled up with zeros to its width.
  func run(_ input: [Float]) -> [Float] {
    var values = (0..<width).map { $0 < input.count ? input[$0] : 0 }
    for layer in layers {
      values = (0..<width).map { row in
        var sum: Float = 0
        for column in 0..<width { sum += layer[row * width + column] * values[column] }
        return max(0, sum)
      }
    }
    return values
  }
}

namespace ProdOps.Benchmarks.Comparison;

/// <summary>A tool ended with an error or restored something else than it was given.</summary>
internal sealed class ToolFailedException(string message) : Exception(message);

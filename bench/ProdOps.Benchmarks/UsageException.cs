namespace ProdOps.Benchmarks;

/// <summary>The command line or the machine does not allow what was asked; the message is all the user needs.</summary>
internal sealed class UsageException(string message) : Exception(message);

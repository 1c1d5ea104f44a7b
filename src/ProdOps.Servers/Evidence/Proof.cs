namespace ProdOps.Servers.Evidence;

/// <summary>Something that a command has proved.</summary>
/// <param name="Time">When it was proved, by this machine's clock.</param>
/// <param name="Environment">The name of the environment it was proved of; empty where none was known.</param>
/// <param name="By">Who proved it: user and host.</param>
/// <param name="What">What was proved.</param>
internal sealed record Proof<T>(DateTimeOffset Time, string Environment, string By, T What)
    where T : class;

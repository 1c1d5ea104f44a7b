using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Sets;

/// <summary>What is told while one set runs: lines bear the set's name, since several run at once, and errors of items are collected for the result.</summary>
internal sealed class SetActivity(BackupSet set, Server server, IActivity activity) : IActivity
{
    /// <summary>A tree that nobody may read has more; their number says enough.</summary>
    private const int MaximumProblems = 1000;

    private readonly List<string> _problems = [];
    private int _more;

    /// <summary>What is missing, a line each.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_problems) return _more == 0 ? _problems.ToArray() : [.. _problems, $"and {_more} more"];
        }
    }

    public void Verbose(string message) => activity.Verbose($"{set.Name} of {server.Name}: {message}");

    public void Warning(string message) => activity.Warning($"{set.Name} of {server.Name}: {message}");

    public void Error(ProdOpsException error) => Add(error.Message);

    public void Progress(ActivityProgress progress) => activity.Progress(progress);

    /// <summary>Adds what is missing. It may be in a command's words, and becomes a part of an object that anybody may print.</summary>
    public void Add(string problem)
    {
        problem = SecretRedactor.Shared.Redact(problem);
        Verbose(problem);
        lock (_problems)
        {
            if (_problems.Count < MaximumProblems) _problems.Add(problem);
            else _more++;
        }
    }
}

namespace ProdOps.Backup.Tests.Databases;

/// <summary>Reads the command lines of all processes, again and again, until it is asked what it saw.</summary>
internal sealed class CommandLineWatch : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<string> _lines = new(StringComparer.Ordinal);
    private readonly Task _watching;

    public CommandLineWatch() => _watching = Task.Run(Watch);

    public void AssertSawAndDidNotSee(string seen, string unseen)
    {
        _stop.Cancel();
        _watching.Wait();
        Assert.Contains(_lines, line => line.Contains(seen, StringComparison.Ordinal));
        Assert.DoesNotContain(_lines, line => line.Contains(unseen, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _watching.Wait();
        _stop.Dispose();
    }

    private void Watch()
    {
        do
        {
            foreach (string folder in Directory.GetDirectories("/proc"))
            {
                if (!char.IsAsciiDigit(Path.GetFileName(folder)[0])) continue;
                try
                {
                    _lines.Add(File.ReadAllText(Path.Combine(folder, "cmdline")));
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // It has ended.
                }
            }
        }
        while (!_stop.IsCancellationRequested);
    }
}

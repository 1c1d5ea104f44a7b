namespace ProdOps.Lab.Tests.Logging;

/// <summary>An admin's store of logs, and what is in it.</summary>
internal static class LogAdmin
{
    /// <summary>Keeps logs in a folder of the admin's, of these sources, or of those that are found.</summary>
    public static async Task KeepLogsAsync(this Admin admin, params string[] sources)
    {
        string servers = (await File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}');
        string list = sources.Length == 0 ? "" : $"Sources = @(\n        {string.Join("\n        ", sources)}\n    )";
        await File.WriteAllTextAsync(admin.EnvironmentFile, $"{servers}    Logging = @{{ Store = 'logs'\n    {list} }}\n}}\n");
    }

    /// <summary>The lines of a source in the order in which they were kept, as plain zstd reads them.</summary>
    public static async Task<string[]> KeptAsync(this Admin admin, string server, string source)
    {
        string text = await Machine.RunAsync("zstd -dc \"$1\"/*.log.zst", Path.Combine(admin.Folder, "logs", server, source));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>How much is kept of a source, in bytes on disk.</summary>
    public static long KeptSize(this Admin admin, string server, string source)
    {
        string folder = Path.Combine(admin.Folder, "logs", server, source);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.log.zst").Sum(path => new FileInfo(path).Length) : 0;
    }

    /// <summary>Waits until something of this machine is so.</summary>
    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), () => what);

    /// <summary>Likewise; <paramref name="what"/> says what is not so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            if (limit.IsCancellationRequested) Assert.Fail($"not within a minute: {what()}");
            await Task.Delay(20, CancellationToken.None);
        }
    }
}

using System.Diagnostics;

namespace ProdOps.Servers.Tests.TestTools;

/// <summary>An ssh-agent of its own.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    private readonly Process _process;

    private TestAgent(Process process, string socket)
    {
        _process = process;
        Socket = socket;
    }

    public string Socket { get; }

    public static async Task<TestAgent> StartAsync(string folder)
    {
        string socket = Path.Combine(folder, "agent.sock");
        var start = new ProcessStartInfo(Tool.Find("ssh-agent")!) { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-D", "-a", socket]) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        // It says where it listens once it does.
        await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return new(process, socket);
    }

    /// <summary>Gives it a key, with the certificate beside it if there is one.</summary>
    public void Add(string keyPath, params IEnumerable<string> options)
    {
        var result = Tool.Run("ssh-add", [.. options, keyPath], new Dictionary<string, string?> { ["SSH_AUTH_SOCK"] = Socket });
        if (result.ExitCode != 0) throw new InvalidOperationException(result.Error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

using System.ComponentModel;
using System.Diagnostics;

namespace ProdOps.Servers.Secrets;

/// <summary>A password that a command prints, e.g. <c>pass show backup</c>. What it says on standard error goes to ours.</summary>
internal sealed class CommandSecret(string commandLine, TimeSpan timeout) : SecretSource
{
    public override async ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken)
    {
        var words = CommandLine.Split(commandLine);
        using var process = Start(words);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        byte[] buffer = GC.AllocateArray<byte>(MaximumLength + 1, pinned: true);
        try
        {
            int length = await process.StandardOutput.BaseStream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit.Token).ConfigureAwait(false);
            if (length > MaximumLength) throw ServersErrors.SecretTooLong(ToString());
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            if (process.ExitCode != 0) throw ServersErrors.SecretCommandFailed(words[0], $"ended with {process.ExitCode}");
            return Take(buffer.AsSpan(0, length), trim: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ServersErrors.SecretCommandFailed(words[0], $"did not end within {timeout.TotalSeconds:0.#} s");
        }
        finally
        {
            Array.Clear(buffer);
            Kill(process);
        }
    }

    public override string ToString() => "The password command";

    private static Process Start(IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (string word in words.Skip(1)) start.ArgumentList.Add(word);
        try
        {
            return Process.Start(start) ?? throw ServersErrors.SecretCommandFailed(words[0], "did not start");
        }
        catch (Win32Exception exception)
        {
            throw ServersErrors.SecretCommandFailed(words[0], "cannot be started", exception);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself meanwhile, or is not ours to end: either way there is nothing left to do.
        }
    }
}

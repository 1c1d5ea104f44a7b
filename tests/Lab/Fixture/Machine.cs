using System.Diagnostics;

namespace ProdOps.Lab.Tests;

/// <summary>This machine, where the admin sits.</summary>
internal static class Machine
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a shell script, which gets words as $1, $2, … Its output, without the last line's end.</summary>
    public static async Task<string> RunAsync(string script, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-euc", script, "bash", .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {await output} {await error}");
        return (await output).TrimEnd('\n');
    }

    /// <summary>A file of bytes of which no two stretches are alike: what is put together wrongly is another file. Returns its SHA-256.</summary>
    public static async Task<string> WriteDataAsync(string path, int megabytes, int seed = 1)
    {
        var random = new Random(seed);
        byte[] block = new byte[1 << 20];
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        await using var file = File.Create(path);
        for (int i = 0; i < megabytes; i++)
        {
            random.NextBytes(block);
            hash.AppendData(block);
            await file.WriteAsync(block);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

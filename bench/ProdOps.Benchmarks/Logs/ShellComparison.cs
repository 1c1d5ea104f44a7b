using System.Globalization;
using System.Text.Json;
using ProdOps.Benchmarks.Corpora.Logs;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Logs;

/// <summary>What a user waits for at a PowerShell prompt that has the module loaded: the first object, and many. Beside it what PowerShell itself has for logs.</summary>
internal sealed class ShellComparison(LogFolders folders, string pwsh, string module, int repetitions, TextWriter output, Action<LogRecord> record)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string file = Directory.GetFiles(folders.Corpus, LogFile.Nginx + "-*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await File.ReadAllBytesAsync(file, cancellationToken);
        Warmth.Read(folders.Sealed, cancellationToken);
        var command = new ChildCommand(pwsh, ["-NoProfile", "-NonInteractive", "-Command", Script(file)]);
        var before = CpuClock.Read();
        var (exitCode, text) = await ChildProcess.RunAsync(command, cancellationToken);
        if (exitCode != 0) throw new UsageException($"'{pwsh}' ended with {exitCode}: {text}");
        double stolen = CpuClock.Read().Stolen - before.Stolen;
        ShellRun[] runs = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<ShellRun>(line)!)];
        foreach (var run in runs[..^1])
        {
            record(new LogRecord(LogRecord.Shell, run.Work, run.Tool, run.Repetition, run.Wall, run.Cpu, runs[^1].PeakKiB, run.Count, stolen > 1 ? run.Wall : run.Foreign));
            await output.WriteLineAsync(FormattableString.Invariant($"{run.Work,-34} {run.Tool,-26} {run.Wall * 1e3,9:F1} ms wall {run.Cpu * 1e3,9:F1} ms CPU {run.Count,9} objects"));
        }
    }

    // Objects are collected, so that nothing but making and passing them on is measured.
    private string Script(string file) => string.Create(CultureInfo.InvariantCulture, $$"""
        $ErrorActionPreference = 'Stop'
        Import-Module {{Quoted(module)}}
        $file = {{Quoted(file)}}; $store = {{Quoted(folders.Sealed)}}
        function Get-Ticks { $f = (Get-Content /proc/stat -TotalCount 1) -split ' +'; ([double]$f[1] + [double]$f[2]) / 100 }
        function Measure-Run([string]$Tool, [string]$Work, [int]$Times, [scriptblock]$Do) {
            for ($i = 0; $i -le $Times; $i++) {
                [GC]::Collect()
                $process = [Diagnostics.Process]::GetCurrentProcess()
                $cpu = $process.TotalProcessorTime; $user = $process.UserProcessorTime; $all = Get-Ticks
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $count = @(& $Do).Count
                $watch.Stop()
                $process.Refresh()
                $foreign = [Math]::Max(0, (Get-Ticks) - $all - ($process.UserProcessorTime - $user).TotalSeconds)
                [ordered]@{ Tool = $Tool; Work = $Work; Repetition = $i; Wall = $watch.Elapsed.TotalSeconds; Cpu = ($process.TotalProcessorTime - $cpu).TotalSeconds; Count = $count; Foreign = $foreign; PeakKiB = 0 } | ConvertTo-Json -Compress
            }
        }
        Measure-Run 'Search-Log' 'first object' {{repetitions * 2}} { Search-Log checkout -CaseSensitive -Store $store | Select-Object -First 1 }
        Measure-Run 'Search-Log' 'found in 1 % of a store, objects' {{repetitions}} { Search-Log checkout -CaseSensitive -Store $store }
        Measure-Run 'Search-Log -Raw' 'found in 1 % of a store, objects' {{repetitions}} { Search-Log checkout -CaseSensitive -Store $store -Raw }
        Measure-Run 'Search-Log -Path' 'each line of a file an object' {{repetitions}} { Search-Log -Path $file }
        Measure-Run 'Search-Log -Path -Raw' 'each line of a file an object' {{repetitions}} { Search-Log -Path $file -Raw }
        Measure-Run 'Get-Content | Select-String' 'each line of a file an object' {{Math.Min(2, repetitions)}} { Get-Content -LiteralPath $file | Select-String -SimpleMatch ' ' }
        Measure-Run 'Search-Log -Path' 'found in 1 % of a file, objects' {{repetitions}} { Search-Log checkout -CaseSensitive -Path $file }
        Measure-Run 'Get-Content | Select-String' 'found in 1 % of a file, objects' {{Math.Min(2, repetitions)}} { Get-Content -LiteralPath $file | Select-String -SimpleMatch -CaseSensitive checkout }
        $peak = (Select-String -Path /proc/self/status -Pattern 'VmHWM:\s+(\d+)').Matches[0].Groups[1].Value
        [ordered]@{ Tool = ''; Work = ''; Repetition = 0; Wall = 0; Cpu = 0; Count = 0; Foreign = 0; PeakKiB = [long]$peak } | ConvertTo-Json -Compress
        """);

    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private sealed record ShellRun(string Tool, string Work, int Repetition, double Wall, double Cpu, long Count, double Foreign, long PeakKiB);
}

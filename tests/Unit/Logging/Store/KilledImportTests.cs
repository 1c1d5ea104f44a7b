using ProdOps.Logging.Collecting;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

/// <summary>The real command, killed at random moments.</summary>
public sealed class KilledImportTests : IDisposable
{
    private static readonly int Kills = Effort.Of(full: 40, usual: 6);

    private readonly StoreFixture _fixture = new();

    [UnixFact]
    public async Task An_import_that_is_killed_again_and_again_brings_every_line_once()
    {
        string folder = Path.Combine(_fixture.Folder, "..", Path.GetFileName(_fixture.Folder) + "-raw");
        Directory.CreateDirectory(folder);
        try
        {
            // Many batches of 8 MiB, so that a kill comes between them as well as in them.
            string raw = Path.Combine(folder, "access.log"), text = LogSamples.Text(new LogSamples(21).Accesses(4000));
            await using (var file = new StreamWriter(raw))
            {
                for (int copy = 0; copy < 130; copy++) await file.WriteAsync(text);
            }

            var random = new Random(21);
            int killed = 0;
            for (bool ended = false; !ended;)
            {
                using var import = HostProcess.Start(["-Command", $"$ErrorActionPreference = 'Stop'; $null = Import-Log -LiteralPath '{raw}' -Server web1 -Store '{_fixture.Folder}'"]);
                if (killed < Kills)
                {
                    // From the first batch on that this run has stored: how long starting takes differs from machine to machine.
                    long before = Stored();
                    while (!import.HasExited && Stored() == before) await Task.Delay(1);
                    await Task.Delay(random.Next(60));
                    killed += import.HasExited ? 0 : 1;
                    import.Kill(entireProcessTree: true);
                }

                await import.WaitForExitAsync();
                ended = import.ExitCode == 0;
                Assert.True(ended || import.ExitCode == 137, $"the import ended with {import.ExitCode}");
            }

            Assert.True(killed > 0);
            _fixture.Reopen();
            Assert.Equal(130 * 4000, await _fixture.CountAsync(new LogQuery()));
            var stream = new LogStream("web1", "access");
            long offset = 0;
            await using var original = File.OpenRead(raw);
            foreach (string segment in _fixture.Store.GetSegments(stream)) offset = Compare(segment, original, offset);
            Assert.Equal(original.Length, offset);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose() => _fixture.Dispose();

    private long Stored() => Directory.Exists(_fixture.Folder) ? Directory.GetFiles(_fixture.Folder, "*.zst", SearchOption.AllDirectories).Sum(static path => new FileInfo(path).Length) : 0;

    /// <summary>Holds a segment's content to the original from an offset on, and returns where it ends.</summary>
    private long Compare(string segment, FileStream original, long offset)
    {
        using var view = SegmentView.Open(segment, _fixture.Store.Formats);
        using var buffers = FrameBuffers.Take();
        foreach (var frame in view.Frames)
        {
            var lines = view.Read(frame, buffers);
            byte[] expected = new byte[lines.Length];
            original.Position = offset;
            original.ReadExactly(expected);
            Assert.True(lines.Span.SequenceEqual(expected), $"the content differs behind byte {offset}");
            offset += lines.Length;
        }

        return offset;
    }
}

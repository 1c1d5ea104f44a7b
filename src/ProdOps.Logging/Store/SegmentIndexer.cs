using ProdOps.Servers.FileSystem;

namespace ProdOps.Logging.Store;

/// <summary>Makes a segment's index anew, from the segment alone.</summary>
internal static class SegmentIndexer
{
    /// <summary>Writes the index and puts it in the place of the old one.</summary>
    /// <exception cref="ProdOpsException">The segment is damaged.</exception>
    public static void Write(SegmentView view)
    {
        string path = StoreNames.IndexOf(view.File.Path), temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(SegmentIndex.Head(view.File.Header.Generation));
            using var buffers = FrameBuffers.Take();
            var analyzer = new FrameAnalyzer();
            var before = default(FrameEntry);
            foreach (var batch in view.File.ReadBatches(view.File.Start, verify: true))
            {
                var frames = SegmentScan.Read(view, batch, analyzer, buffers, before, filters: true);
                if (frames.Length > 0) before = frames[^1].Entry;
                file.Write(SegmentIndex.Block(frames, batch.End));
            }

            file.Flush(flushToDisk: true);
        }

        Replace(temporary, path);
    }

    public static void Replace(string temporary, string path)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(temporary, StoreFolder.PrivateFile);
        File.Move(temporary, path, overwrite: true);
        NativeFiles.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}

using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Trees;

[Collection(TortureCollection.Name)]
public sealed class TreeInteropTests(TortureRepository torture)
{
    [LinuxFact("restic", "setfattr", "setfacl")]
    public void Every_tree_that_restic_writes_of_odd_files_is_read_and_written_again_to_the_same_bytes()
    {
        int nodes = torture.Trees.Values.Sum(text => WriteAgain(text, TimeZoneInfo.Utc));
        Assert.True(nodes > 80, $"only {nodes} nodes were seen");
    }

    [LinuxFact("restic", "setfattr", "setfacl")]
    public void So_is_a_tree_written_in_a_zone_with_summer_time_west_of_Greenwich_and_half_an_hour_off()
    {
        const string Zone = "America/St_Johns";
        using var repository = new ScratchFolder();
        var restic = new Restic(repository.Path, Zone);
        restic.Backup(torture.Folder + "/times");
        byte[] text = restic.Blob(restic.RootTree());
        while (TreeReader.Parse(text) is [{ Subtree: { } subtree }]) text = restic.Blob(subtree.ToString());
        Assert.Equal(13, WriteAgain(text, TimeZoneInfo.FindSystemTimeZoneById(Zone)));
    }

    private static int WriteAgain(byte[] text, TimeZoneInfo zone)
    {
        var writer = new TreeWriter(new Rfc3339(zone));
        writer.Begin();
        foreach (var node in TreeReader.Parse(text)) writer.Add(node);

        string expected = FileNames.Decode(text), actual = FileNames.Decode(writer.Finish().Span);
        // restic before 0.16 loses a target that is not UTF-8: it keeps only the replacement character, escaped.
        if (!expected.Contains("linktarget_raw", StringComparison.Ordinal))
            expected = expected.Replace("bad\\ufffd\\ufffdtarget", "bad\ufffd\ufffdtarget", StringComparison.Ordinal);
        Assert.Equal(expected, actual);
        return writer.Count;
    }
}

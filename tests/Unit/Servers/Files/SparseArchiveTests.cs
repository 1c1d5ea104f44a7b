using System.Diagnostics;
using ProdOps.Servers.Files.Tar;

namespace ProdOps.Servers.Tests.Files;

/// <summary>Archives of GNU tar's own making, with holes and extended attributes in them.</summary>
public sealed class SparseArchiveTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("prodops-tar-");

    public void Dispose() => _folder.Delete(recursive: true);

    [GnuTarFact]
    public async Task Holes_come_as_zeros_and_times_and_attributes_as_they_are()
    {
        Run("printf start > a; truncate -s 5000000 a; printf middle >> a; truncate -s 9000000 a; : > empty; truncate -s 3000000 hole; setfattr -n user.note -v 'one=two%' empty 2>/dev/null || :");
        byte[] expected = File.ReadAllBytes(Path.Combine(_folder.FullName, "a"));
        var read = await ReadAsync(Archive("a", "hole", "empty"), 20_000_000);
        Assert.Equal(["./a", "./hole", "./empty"], read.Select(item => item.Entry.Name));
        Assert.Equal(expected, read[0].Content);
        Assert.Equal(9_000_000, read[0].Entry.Size);
        Assert.Equal(new byte[3_000_000], read[1].Content);
        Assert.Empty(read[2].Content);
        Assert.All(read, item => Assert.NotNull(item.Entry.Changed));
        if (read[2].Entry.ExtendedAttributes is [var note, ..])
        {
            Assert.Equal("user.note", note.Name);
            Assert.Equal("one=two%"u8.ToArray(), note.Value);
        }
    }

    [GnuTarFact]
    public async Task Damaged_sparse_archives_are_read_or_refused_and_nothing_else()
    {
        Run("printf start > a; truncate -s 500000 a; printf middle >> a; truncate -s 900000 a; truncate -s 300000 hole");
        byte[] archive = Archive("a", "hole");
        var random = new Random(20261126);
        for (int round = 0; round < 10_000; round++)
        {
            byte[] damaged = [.. archive];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                int block = random.Next(damaged.Length / 512) * 512;
                damaged[block + random.Next(512)] = (byte)"0123456789\n =.GSx"[random.Next(17)];
                Seal(damaged.AsSpan(block, 512));
            }
            if (random.Next(4) == 0) damaged = damaged[..random.Next(damaged.Length)];
            try
            {
                foreach (var (entry, content) in await ReadAsync(damaged, 2_000_000)) Assert.True(content.Length == entry.Size || content.Length >= 2_000_000);
            }
            catch (ProdOpsException e)
            {
                Assert.Contains(e.ErrorId, (string[])["TransferCut", "ArchiveDamaged"]);
            }
        }
    }

    /// <summary>Puts the checksum right where a block is a header, or else nothing behind it would be looked at.</summary>
    private static void Seal(Span<byte> block)
    {
        if (!block.Slice(257, 5).SequenceEqual("ustar"u8)) return;
        block.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte b in block) sum += b;
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block[148..]);
    }

    private byte[] Archive(params string[] names)
    {
        Run($"tar --format=posix --xattrs '--xattrs-include=*' --sparse -cf archive.tar {string.Join(' ', names.Select(name => $"./{name}"))}");
        return File.ReadAllBytes(Path.Combine(_folder.FullName, "archive.tar"));
    }

    private void Run(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", script]) { WorkingDirectory = _folder.FullName })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task<List<(TarEntry Entry, byte[] Content)>> ReadAsync(byte[] archive, long limit)
    {
        var entries = new List<(TarEntry, byte[])>();
        var reader = new TarReader(new MemoryStream(archive), "web1");
        while (await reader.ReadEntryAsync(default) is { } entry)
        {
            using var content = new MemoryStream();
            while (content.Length < limit && await reader.ReadContentAsync(default) is { IsEmpty: false } piece) content.Write(piece.Span);
            entries.Add((entry, content.ToArray()));
        }
        return entries;
    }
}

/// <summary>A test that needs GNU tar.</summary>
internal sealed class GnuTarFactAttribute : FactAttribute
{
    public GnuTarFactAttribute()
    {
        if (!File.Exists("/usr/bin/tar") && !File.Exists("/bin/tar")) Skip = "needs tar";
    }
}

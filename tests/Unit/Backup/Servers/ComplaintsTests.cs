using ProdOps.Backup.Archiving.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>Which path a tar complains of.</summary>
public sealed class ComplaintsTests
{
    [LinuxFact("tar")]
    public async Task What_GNU_tar_says_of_a_path_is_found_whatever_its_name()
    {
        string[] names = ["plain", "gr\u00fcn", @"back\slash", "line\nfeed", "co:lon", "tab\t", "bell\a", "del\u007f", "sp ace", "q'\"?"];
        byte[][] paths = [.. names.Select(name => FileNames.Encode($"/no/such/folder/{name}")), [.. "/no/such/raw"u8, 0xFF]];
        var facts = ServerFacts.Parse("host=web1\nuser=root\nuid=0\ngid=0\nlist=find\ntar=gnu\n"u8, default, default, "web1");
        var tar = await new LocalShell("web1").RunAsync(new ServerCommand(ServerScripts.Read(facts)), new CommandRunOptions { Input = ServerScripts.Names(paths) }, default);
        var complaints = await ReadAsync(tar.StandardError.ToArray());
        foreach (byte[] path in paths) Assert.Equal("Cannot stat: No such file or directory", complaints.Of(path, isEscaped: true));
        Assert.Null(complaints.Of("/no/such/folder/other"u8, isEscaped: true));
    }

    [Fact]
    public async Task Other_tars_escape_nothing()
    {
        var complaints = await ReadAsync("tar: ./x/gr\u00fcn\\: Permission denied\n"u8.ToArray());
        Assert.Equal("Permission denied", complaints.Of("/x/gr\u00fcn\\"u8, isEscaped: false));
    }

    private static async Task<Complaints> ReadAsync(byte[] said)
    {
        using var stream = new MemoryStream(said);
        return await Complaints.ReadAsync(stream, default);
    }
}

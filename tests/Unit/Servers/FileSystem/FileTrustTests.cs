using System.Diagnostics;
using ProdOps.Servers.FileSystem.Unix;
using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.FileSystem;

/// <summary>Whose files are taken at their word.</summary>
public sealed class FileTrustTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-trust-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [RootTheory]
    [InlineData("0:0", "644", null)]
    [InlineData("0:0", "664", null)]
    [InlineData("0:100", "644", null)]
    [InlineData("0:100", "664", "may be written to by the group users")]
    [InlineData("0:0", "646", "may be written to by everybody")]
    [InlineData("1:0", "644", "belongs to another user")]
    public void A_file_is_trusted_unless_somebody_else_may_write_to_it(string owner, string mode, string? fault)
    {
        string path = Make(owner, mode, "0:0", "755");
        Assert.Equal(fault, FileTrust.FindFault(path));
        AssertFound(path, fault);
    }

    [RootTheory]
    [InlineData("0:0", "775", null)]
    [InlineData("0:100", "755", null)]
    [InlineData("0:100", "1777", null)]
    [InlineData("0:100", "775", "which may be written to by the group users")]
    [InlineData("0:0", "777", "which may be written to by everybody")]
    [InlineData("1:0", "755", "which belongs to another user")]
    public void The_folders_above_it_count_as_well(string owner, string mode, string? fault)
    {
        string path = Make("0:0", "644", owner, mode);
        fault = fault is null ? null : $"is below '{Path.Join(_folder, "above")}', {fault}";
        Assert.Null(FileTrust.FindFault(path));
        Assert.Equal(fault, FileTrust.FindFaultAbove(path));
        AssertFound(path, fault);
    }

    [Theory]
    [InlineData("ann", "", "ann", true)]
    [InlineData("ann", "ann root", "ann", true)]
    [InlineData("ann", "bob", "ann", false)]
    [InlineData("staff", "", "ann", false)]
    [InlineData("", "", "", false)]
    public void A_group_of_the_users_own_name_with_nobody_else_in_it_is_the_users(string group, string members, string user, bool isPrivate) =>
        Assert.Equal(isPrivate, UnixAccounts.IsPrivate(group, members.Split(' ', StringSplitOptions.RemoveEmptyEntries), user));

    [LinuxFact]
    public void The_members_of_groups_are_those_that_the_system_lists()
    {
        var accounts = new UnixAccounts();
        foreach (string line in File.ReadAllLines("/etc/group"))
        {
            string[] fields = line.Split(':');
            if (fields.Length == 4 && uint.TryParse(fields[2], out uint id) && accounts.GetGroupName(id) == fields[0])
                Assert.Equal(fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries), accounts.GetMembers(id));
        }
    }

    private static void AssertFound(string path, string? fault)
    {
        if (fault is null)
        {
            Assert.Equal(path, EnvironmentFinder.Find(null, null, Path.GetDirectoryName(path)));
            return;
        }

        var error = Assert.Throws<ProdOpsException>(() => EnvironmentFinder.Find(null, null, Path.GetDirectoryName(path)));
        Assert.Equal("EnvironmentUntrusted", error.ErrorId);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        Assert.Equal(path, EnvironmentFinder.Find(path, null, null));
    }

    private string Make(string owner, string mode, string folderOwner, string folderMode)
    {
        string above = Path.Join(_folder, "above"), path = Path.Join(above, "below", EnvironmentFinder.FileName);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "@{ }");
        using var shell = Process.Start("sh", ["-ec", $"chown {owner} '{path}'; chmod {mode} '{path}'; chown {folderOwner} '{above}'; chmod {folderMode} '{above}'"])!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return path;
    }
}

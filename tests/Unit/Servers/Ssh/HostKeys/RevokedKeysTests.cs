using System.Text;
using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.HostKeys;

public sealed class RevokedKeysTests(SampleKeys keys) : IClassFixture<SampleKeys>
{
    [Fact]
    public void A_listed_key_is_found_and_one_that_is_not_is_not()
    {
        byte[] list = Encoding.UTF8.GetBytes($"# stolen\n\n{keys.Line("rsa")} comment\r\n  {keys.Line("ed25519")}");
        Assert.True(RevokedKeys.Contains(list, [keys.Key("ed25519")], out string? problem));
        Assert.Null(problem);
        Assert.True(RevokedKeys.Contains(list, [keys.Key("other"), keys.Key("rsa")], out _));
        Assert.False(RevokedKeys.Contains(list, [keys.Key("other")], out problem));
        Assert.Null(problem);
    }

    [Fact]
    public void A_binary_list_is_told_and_not_taken_for_an_empty_one()
    {
        Assert.False(RevokedKeys.Contains("SSHKRL\n\0rest"u8, [keys.Key("ed25519")], out string? problem));
        Assert.Contains("KRL", problem);
    }

    [Fact]
    public void A_damaged_list_revokes_the_key_or_is_told_unless_its_line_is_gone()
    {
        string line = keys.Line("ed25519");
        byte[] seed = Encoding.UTF8.GetBytes($"{keys.Line("rsa")} one\n{line} two\n{keys.Line("ecdsa-256")}\n");
        var random = new Random(13);
        for (int round = 0; round < 10000; round++)
        {
            byte[] damaged = Mutation.Of(seed, random);
            bool revoked = RevokedKeys.Contains(damaged, [keys.Key("ed25519")], out string? problem);
            string text = Encoding.UTF8.GetString(damaged);
            if (text.Split('\n').Contains(line + " two")) Assert.True(revoked || problem is not null, text);
            if (revoked) Assert.Null(problem);
        }
    }
}

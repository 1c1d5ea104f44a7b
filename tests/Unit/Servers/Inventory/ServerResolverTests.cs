using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class ServerResolverTests
{
    private static readonly ProdOpsEnvironment Shop = new()
    {
        Name = "shop",
        Path = "/srv/environment.psd1",
        Servers =
        [
            new() { Name = "lb1", Address = "10.77.0.11", Roles = ["LoadBalancer"], Groups = ["eu"], Environment = "shop" },
            new() { Name = "web1", Address = "10.77.0.13", Roles = ["App"], Groups = ["eu"], Ssh = new() { User = "deploy", Port = 2222 }, Environment = "shop" },
            new() { Name = "web2", Address = "10.77.0.14", Roles = ["App", "Cache"], Groups = ["us"], Environment = "shop" },
            new() { Name = "database", Address = "10.77.0.15", Roles = ["Database"], Environment = "shop" },
        ],
    };

    [Theory]
    [InlineData("web1", "web1")]
    [InlineData("WEB1", "web1")]
    [InlineData("web*", "web1,web2")]
    [InlineData("*", "lb1,web1,web2,database")]
    [InlineData("?b1", "lb1")]
    [InlineData("[lw]*[12]", "lb1,web1,web2")]
    [InlineData("web[2-9]", "web2")]
    [InlineData("role:App", "web1,web2")]
    [InlineData("Role: cache", "web2")]
    [InlineData("role:*a*e", "web2,database")]
    [InlineData("group:eu", "lb1,web1")]
    [InlineData("10.77.0.15", "database")]
    public void Servers_of_the_environment_are_found(string text, string names) =>
        Assert.Equal(names.Split(','), new ServerResolver(Shop).Resolve(text).Select(server => server.Name));

    [Theory]
    [InlineData("admin@10.1.2.3:2022", "10.1.2.3:2022", "10.1.2.3", "admin", 2022)]
    [InlineData("ssh://admin@host.example", "host.example", "host.example", "admin", null)]
    [InlineData("ssh://lb9:22/", "lb9", "lb9", null, 22)]
    [InlineData("[2001:db8::1]:2022", "[2001:db8::1]:2022", "2001:db8::1", null, 2022)]
    [InlineData("root@fe80::1%eth0", "fe80::1%eth0", "fe80::1%eth0", "root", null)]
    [InlineData("me@corp@host", "host", "host", "me@corp", null)]
    [InlineData("archive", "archive", "archive", null, null)]
    [InlineData("web3.example.com", "web3.example.com", "web3.example.com", null, null)]
    [InlineData("admin@web3", "web3", "web3", "admin", null)]
    public void Hosts_can_be_named_directly(string text, string name, string address, string? user, int? port)
    {
        foreach (var environment in new[] { Shop, null })
        {
            var server = Assert.Single(new ServerResolver(environment).Resolve(text));
            Assert.Equal((name, address, user, port, null, false), (server.Name, server.Address, server.Ssh.User, server.Ssh.Port, server.Environment, server.IsLocal));
        }
    }

    [Fact]
    public void A_user_or_a_port_before_a_known_name_changes_that_alone()
    {
        var server = new ServerResolver(Shop).Resolve("root@web1").Single();
        Assert.Equal(("10.77.0.13", "root", 2222), (server.Address, server.Ssh.User, server.Ssh.Port));
        Assert.Equal(("deploy", 22), (new ServerResolver(Shop).Resolve("web1:22").Single().Ssh.User, new ServerResolver(Shop).Resolve("web1:22").Single().Ssh.Port));
    }

    [Theory]
    [InlineData("web3", "ServerNotFound", "'web1'")]
    [InlineData("databse", "ServerNotFound", "'database'")]
    [InlineData("mail*", "ServerNotFound", "matches 'mail*'")]
    [InlineData("role:Ap", "RoleNotFound", "'App'")]
    [InlineData("role:", "RoleNotFound", "''")]
    [InlineData("group:asia", "GroupNotFound", "'asia'")]
    [InlineData("-oProxyCommand=x", "ServerNameInvalid", "-oProxyCommand=x")]
    [InlineData("web 1", "ServerNameInvalid", "web 1")]
    [InlineData("host:99999", "ServerNameInvalid", "host:99999")]
    [InlineData("-x@host", "ServerNameInvalid", "-x@host")]
    [InlineData("@host", "ServerNameInvalid", "@host")]
    [InlineData("", "ServerNameInvalid", "''")]
    public void What_is_no_server_is_an_error_that_helps(string text, string id, string mentions)
    {
        var error = Assert.Throws<ProdOpsException>(() => new ServerResolver(Shop).Resolve(text));
        Assert.Equal(id, error.ErrorId);
        Assert.Contains(mentions, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Recommendation);
    }

    [Theory]
    [InlineData("web*")]
    [InlineData("role:App")]
    [InlineData("group:eu")]
    public void Without_an_environment_the_error_says_so(string text) =>
        Assert.Contains("there is no environment", Assert.Throws<ProdOpsException>(() => new ServerResolver(null).Resolve(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void This_machine_is_always_there()
    {
        Assert.True(new ServerResolver(Shop).Resolve("localhost").Single().IsLocal);
        Assert.True(new ServerResolver(null).Resolve("LOCALHOST").Single().IsLocal);
        Assert.False(new ServerResolver(null).Resolve("root@localhost").Single().IsLocal);
    }

    [Fact]
    public void An_object_counts_as_the_environment_has_it_now()
    {
        var old = new Server { Name = "web1", Address = "10.0.0.1", Environment = "shop" };
        Assert.Equal("10.77.0.13", new ServerResolver(Shop).Resolve(old).Address);
        var direct = new Server { Name = "web1", Address = "10.0.0.1" };
        Assert.Same(direct, new ServerResolver(Shop).Resolve(direct));
    }
}

using System.Net;
using ProdOps.LoadBalancing.Switching;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Switching;

public sealed class KeepalivedConfigurationTests
{
    private const string Configuration = """
        ! Configuration File for keepalived
        global_defs {
          router_id lb1   # comment with { brace
        }
        vrrp_track_file prefer {
          file "/etc/keepalived/prefer web"
          weight 2
        }
        track_file other { file /run/other }
        vrrp_script chk { script "/usr/bin/killall -0 haproxy" interval 1 weight -20 }
        vrrp_instance web
        {
          state BACKUP
          interface eth0
          virtual_router_id 51
          priority 150
          advert_int 0.2
          authentication { auth_type PASS
            auth_pass secret }
          unicast_peer { 10.0.0.2 }
          virtual_ipaddress {
            10.0.0.100/24 dev eth0 label eth0:0
            10.0.0.101
          }
          track_file {
            unknown
            prefer
          }
        }
        vrrp_instance six {
          nopreempt
          virtual_ipaddress { fd00::7/64 }
          track_file { other weight -5
          }
        }

        """;

    [Fact]
    public void Virtual_routers_are_found_with_their_addresses_and_files_of_preference()
    {
        var configuration = KeepalivedConfiguration.Parse(Configuration);
        Assert.Equal(["web", "six"], configuration.Instances.Select(instance => instance.Name));
        var web = configuration.InstanceOf(IPAddress.Parse("10.0.0.101"))!;
        Assert.Equal(("web", 150, false), (web.Name, web.Priority, web.NoPreempt));
        Assert.Equal(new KeepalivedFile("/etc/keepalived/prefer web", 2), configuration.PreferenceOf(web));
        var six = configuration.InstanceOf(IPAddress.Parse("fd00::7"))!;
        Assert.Equal((100, true), (six.Priority, six.NoPreempt));
        // What lowers the priority is no preference.
        Assert.Null(configuration.PreferenceOf(six));
        Assert.Null(configuration.InstanceOf(IPAddress.Parse("10.0.0.102")));
    }

    [Fact]
    public void Damaged_configurations_are_read_as_far_as_they_go() => ParserFuzz.Run("keepalived.conf", text => KeepalivedConfiguration.Parse(text), [Configuration, "a { b { c } }\nd {{{{ }}}} }"]);

    [Fact]
    public void However_deep_braces_go_they_are_read() => Assert.Empty(KeepalivedConfiguration.Parse(string.Concat(Enumerable.Repeat("a {\n", 100_000))).Instances);
}

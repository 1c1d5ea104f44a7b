using ProdOps.Logging.Receiving;

namespace ProdOps.Logging.Tests.Receiving;

public class ReceiverCommandTests
{
    private const string Start = "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; Start-LogReceiver";

    private static readonly string[] Known = ["Udp", "Tcp", "Store", "IdleTimeout", "AllowFrom", "ServerFrom"];

    [Fact]
    public void Values_are_written_as_PowerShell_reads_them() => Assert.Equal(
        $"{Start} -AllowFrom '10.0.0.0/8', 'fd00::/8' -IdleTimeout '01:00:00' -ServerFrom 'Peer' -Store '/srv/it''s \u2019\u2019logs; rm' -Tcp 514, 6514",
        ReceiverCommand.Build(
            [("tcp", new object[] { 514, 6514 }), ("Store", "/srv/it's \u2019logs; rm"), ("IdleTimeout", TimeSpan.FromHours(1)), ("AllowFrom", new[] { "10.0.0.0/8", "fd00::/8" }), ("ServerFrom", LogServerFrom.Peer)], Known));

    [Theory]
    [InlineData("Port", 514)]
    [InlineData("Udp", null)]
    [InlineData("Store", "logs")]
    public void What_a_service_cannot_have_is_refused(string name, object? value)
    {
        var error = Assert.Throws<ProdOpsException>(() => ReceiverCommand.Build([("Tcp", 514), (name, value)], Known));
        Assert.Equal(("LogReceiverParameterInvalid", (object)name), (error.ErrorId, error.Target));
    }

    [Fact]
    public void A_service_without_a_port_is_refused() =>
        Assert.Equal("LogReceiverPortMissing", Assert.Throws<ProdOpsException>(() => ReceiverCommand.Build([("Store", "/srv/logs")], Known)).ErrorId);
}

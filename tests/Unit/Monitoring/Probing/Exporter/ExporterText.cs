using ProdOps.Monitoring.Probing.Exporter;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Tests.Probing.Exporter;

/// <summary>Answers of node_exporters.</summary>
internal static class ExporterText
{
    /// <summary>What one of Debian 12 tells with all that is read of it, without the rest.</summary>
    public const string Debian = """
        # HELP node_boot_time_seconds Node boot time, in unixtime.
        # TYPE node_boot_time_seconds gauge
        node_boot_time_seconds 1.795733776e+09
        node_context_switches_total 1.23456789e+08
        node_cpu_guest_seconds_total{cpu="0",mode="user"} 3
        node_cpu_seconds_total{cpu="0",mode="idle"} 10406.34
        node_cpu_seconds_total{cpu="0",mode="iowait"} 37.15
        node_cpu_seconds_total{cpu="0",mode="irq"} 0
        node_cpu_seconds_total{cpu="0",mode="nice"} 5774.59
        node_cpu_seconds_total{cpu="0",mode="softirq"} 129.91
        node_cpu_seconds_total{cpu="0",mode="steal"} 66
        node_cpu_seconds_total{cpu="0",mode="system"} 4803.75
        node_cpu_seconds_total{cpu="0",mode="user"} 16863.3
        node_cpu_seconds_total{cpu="10",mode="idle"} 1.29
        node_cpu_seconds_total{cpu="10",mode="iowait"} 0.01
        node_cpu_seconds_total{cpu="10",mode="irq"} 0
        node_cpu_seconds_total{cpu="10",mode="nice"} 0
        node_cpu_seconds_total{cpu="10",mode="softirq"} 0
        node_cpu_seconds_total{cpu="10",mode="steal"} 0
        node_cpu_seconds_total{cpu="10",mode="system"} 0.57
        node_cpu_seconds_total{cpu="10",mode="user"} 0.58
        node_cpu_seconds_total{cpu="2",mode="idle"} 7
        node_disk_info{device="vda",major="254",minor="0",model="",path="",revision="",serial="",wwn=""} 1
        node_disk_io_now{device="vda"} 2
        node_disk_io_time_seconds_total{device="vda"} 752.568
        node_disk_read_bytes_total{device="vda"} 2.0650099712e+10
        node_disk_read_time_seconds_total{device="vda"} 1590.825
        node_disk_reads_completed_total{device="vda"} 1.565463e+06
        node_disk_write_time_seconds_total{device="vda"} 2715.126
        node_disk_writes_completed_total{device="vda"} 3.007547e+06
        node_disk_written_bytes_total{device="vda"} 1.48877430784e+11
        node_disk_reads_completed_total{device="vdb"} 7
        node_filefd_allocated 1192
        node_filefd_maximum 2.466177e+06
        node_filesystem_avail_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 7.548284928e+10
        node_filesystem_avail_bytes{device="systemd-1",fstype="autofs",mountpoint="/mnt/my\\ \"disk\""} 1024
        node_filesystem_avail_bytes{device="/dev/sdb1",fstype="vfat",mountpoint="/mnt/my\\ \"disk\""} 1024
        node_filesystem_device_error{device="/dev/sdc1",fstype="ext4",mountpoint="/gone"} 1
        node_filesystem_files{device="/dev/vda",fstype="ext4",mountpoint="/"} 1.6777216e+07
        node_filesystem_files{device="/dev/sdb1",fstype="vfat",mountpoint="/mnt/my\\ \"disk\""} 0
        node_filesystem_files_free{device="/dev/vda",fstype="ext4",mountpoint="/"} 1.6237748e+07
        node_filesystem_files_free{device="/dev/sdb1",fstype="vfat",mountpoint="/mnt/my\\ \"disk\""} 0
        node_filesystem_free_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 2.46935379968e+11
        node_filesystem_readonly{device="/dev/vda",fstype="ext4",mountpoint="/"} 0
        node_filesystem_readonly{device="/dev/sdb1",fstype="vfat",mountpoint="/mnt/my\\ \"disk\""} 1
        node_filesystem_size_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 2.70553174016e+11
        node_filesystem_size_bytes{device="/dev/sdb1",fstype="vfat",mountpoint="/mnt/my\\ \"disk\""} 4096
        node_forks_total 2.686389e+06
        node_hwmon_chip_names{chip="platform_coretemp_0",chip_name="coretemp"} 1
        node_hwmon_sensor_label{chip="platform_coretemp_0",label="Package id 0",sensor="temp1"} 1
        node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"} 45
        node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp2"} 44.5
        node_hwmon_temp_celsius{chip="pci_1",sensor="temp1"} -273.15
        node_hwmon_temp_max_celsius{chip="platform_coretemp_0",sensor="temp1"} 100
        node_load1 6.38
        node_load15 15.21
        node_load5 11.16
        node_memory_Buffers_bytes 1.048576e+06
        node_memory_Cached_bytes 2.097152e+06
        node_memory_Dirty_bytes 4096
        node_memory_HardwareCorrupted_bytes 0
        node_memory_MemAvailable_bytes 1.4e+10
        node_memory_MemFree_bytes 1e+10
        node_memory_MemTotal_bytes 1.6e+10
        node_memory_Shmem_bytes 8192
        node_memory_SwapFree_bytes 0
        node_memory_SwapTotal_bytes 0
        node_netstat_TcpExt_ListenDrops 3
        node_netstat_Tcp_CurrEstab 2
        node_netstat_Tcp_OutSegs 1e+06
        node_netstat_Tcp_RetransSegs 1234
        node_netstat_Udp6_RcvbufErrors 99
        node_netstat_Udp_RcvbufErrors 5
        node_network_info{address="02:fc:00:00:00:01",device="eth0",operstate="up"} 1
        node_network_receive_bytes_total{device="eth0"} 1.962457248e+09
        node_network_receive_drop_total{device="eth0"} 4
        node_network_receive_errs_total{device="eth0"} 3
        node_network_receive_packets_total{device="eth0"} 50734
        node_network_transmit_bytes_total{device="eth0"} 1.8e+08
        node_network_transmit_dropped_total{device="eth0"} 2
        node_network_transmit_errors_total{device="eth0"} 1
        node_network_transmit_packets_total{device="eth0"} 60000
        node_network_receive_bytes_total{device="half"} 1
        node_nf_conntrack_entries 225
        node_nf_conntrack_entries_limit 262144
        node_os_info{build_id="",id="debian",id_like="",name="Debian GNU/Linux",pretty_name="Debian GNU/Linux 12 (bookworm)",version="12 (bookworm)",version_id="12"} 1
        node_pressure_cpu_waiting_seconds_total 100.5
        node_pressure_io_stalled_seconds_total 4
        node_pressure_io_waiting_seconds_total 5
        node_pressure_memory_stalled_seconds_total 0
        node_pressure_memory_waiting_seconds_total 1e-06
        node_processes_pids 321
        node_processes_state{state="S"} 300
        node_processes_state{state="Z"} 1
        node_procs_blocked 0
        node_procs_running 7
        node_sockstat_TCP_orphan 0
        node_sockstat_TCP_tw 11
        node_sockstat_sockets_used 67
        node_systemd_service_restart_total{name="shop.service"} 4
        node_systemd_unit_state{name="nginx.service",state="activating",type="forking"} 0
        node_systemd_unit_state{name="nginx.service",state="active",type="forking"} 1
        node_systemd_unit_state{name="nginx.service",state="failed",type="forking"} 0
        node_systemd_unit_state{name="shop.service",state="active",type="simple"} 0
        node_systemd_unit_state{name="shop.service",state="failed",type="simple"} 1
        node_systemd_units{state="active"} 200
        node_systemd_units{state="failed"} 2
        node_thermal_zone_temp{type="x86_pkg_temp",zone="0"} 46
        node_time_seconds 1.7957721584300067e+09
        node_timex_sync_status 1
        node_uname_info{domainname="(none)",machine="x86_64",nodename="vm",release="6.1.0-18-amd64",sysname="Linux",version="#1 SMP"} 1
        node_vmstat_oom_kill 1
        node_vmstat_pgmajfault 400
        node_vmstat_pswpin 10
        node_vmstat_pswpout 20
        process_open_fds 9

        """;

    /// <summary>What is made of an answer.</summary>
    public static ProbeReport Read(string text, params string[] units)
    {
        var reader = new NodeExporterReader();
        var parser = new MetricTextParser(new MetricTextLimits(), reader.Take);
        parser.Append(text);
        parser.Complete();
        var report = reader.Read(units);
        ReportRules.Check(report);
        return report;
    }
}
